"""A flow to look at: as a picture (SVG) and as an outline to be read aloud. The same words in, the same bytes out."""

from flows.drawing.outline import outline
from flows.drawing.picture import Picture, picture
from flows.drawing.svg import svg

__all__ = ["Picture", "outline", "picture", "svg"]
