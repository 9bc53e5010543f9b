"""ELECTRA (Clark et al., ICLR 2020): BERT whose small sizes embed words in fewer numbers than the blocks are wide.

The projection from one width to the other stays in the body: tokens go in at the width of the words.
"""

from typing import Any

from xmodal_core.model.families.base import TextFamily


class Electra(TextFamily):
    """Generator or discriminator; the heads of either are left behind."""

    model_type = "electra"
    title = "ELECTRA"
    architecture = "ElectraModel"

    def hidden_size(self, config: Any) -> int:
        """Width of the words."""
        return int(config.embedding_size)
