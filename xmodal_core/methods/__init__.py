"""Methods of crossing the gap, and the baselines they have to beat; `METHODS` names them."""

from xmodal_core.methods.base import Method
from xmodal_core.methods.finetune import Finetune
from xmodal_core.methods.orca import Orca
from xmodal_core.methods.orca_pare import OrcaPare
from xmodal_core.methods.pare import Pare
from xmodal_core.methods.scratch import Scratch

_ALL: tuple[type[Method], ...] = (Finetune, Scratch, Orca, Pare, OrcaPare)
METHODS: dict[str, type[Method]] = {method.name: method for method in _ALL}
