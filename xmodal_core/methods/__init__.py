"""Methods of crossing the gap, and the baselines they have to beat; `METHODS` names them."""

from xmodal_core.methods.base import Method
from xmodal_core.methods.finetune import Finetune
from xmodal_core.methods.frozen import Frozen
from xmodal_core.methods.linear_probe import LinearProbe
from xmodal_core.methods.lora import Lora
from xmodal_core.methods.lsg import Lsg
from xmodal_core.methods.mona import Mona
from xmodal_core.methods.orca import Orca
from xmodal_core.methods.orca_pare import OrcaPare
from xmodal_core.methods.pare import Pare
from xmodal_core.methods.recraft import Recraft
from xmodal_core.methods.scratch import Scratch
from xmodal_core.methods.simple import Simple
from xmodal_core.methods.stat_matched import StatMatched

_ALL: tuple[type[Method], ...] = (
    Finetune,
    Scratch,
    Orca,
    Pare,
    OrcaPare,
    Mona,
    Recraft,
    Lsg,
    Frozen,
    LinearProbe,
    Lora,
    StatMatched,
    Simple,
)
METHODS: dict[str, type[Method]] = {method.name: method for method in _ALL}
