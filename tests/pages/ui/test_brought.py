import tomllib
from pathlib import Path

from xmodal_core.data.readers import MAX_FILE_BYTES

CONFIG = Path(__file__).parents[3] / ".streamlit" / "config.toml"


def test_the_server_takes_files_as_large_as_the_readers_do() -> None:
    config = tomllib.loads(CONFIG.read_text(encoding="utf-8"))
    assert config["server"]["maxUploadSize"] * 2**20 == MAX_FILE_BYTES
