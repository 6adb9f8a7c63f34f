"""What the name of a file or folder says: image or mask, of which case, of which sequence.

A name is taken apart at blanks, `_`, `-` and `.`; words that say what a file is are no part of the case's name.
docs/cohort.md lists them.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from radcompare.imaging.scans import KNOWN

Role = Literal["image", "mask", ""]

IMAGE_WORDS = frozenset(
    (
        *("image", "images", "img", "imgs", "scan", "scans"),
        *("volume", "volumes", "original", "originals"),
    )
)
MASK_WORDS = frozenset(
    (
        *(
            "mask",
            "masks",
            "label",
            "labels",
            "labelmap",
            "labelmaps",
            "seg",
            "segs",
            "segmentation",
            "segmentations",
        ),
        *("roi", "rois", "annotation", "annotations", "contour", "contours", "delineation", "delineations"),
        *("groundtruth", "gt"),
    )
)
REGION_WORDS = re.compile(r"(gtv|ctv|ptv|itv)[a-z]{0,2}\d*")
"""Target volumes of radiotherapy: a mask, and a part of its name."""
SEQUENCE_WORDS = frozenset(
    (
        *("ct", "cect", "ldct", "cbct", "cta", "pet", "pt", "suv", "us", "mr", "mri"),
        *(
            "t1",
            "t1w",
            "t1n",
            "t1c",
            "t1ce",
            "t1gd",
            "t1wce",
            "t1post",
            "t2",
            "t2w",
            "t2f",
            "flair",
            "t2flair",
        ),
        *("adc", "dwi", "dce", "swi", "pd"),
    )
)
ORGAN_WORD = "organ"
SPLITS = frozenset(("tr", "ts", "va", "train", "training", "test", "testing", "val", "valid", "validation"))
"""Parts that a data set is divided into; no patient is called so."""
_FORMATS = frozenset(("png", "jpg", "jpeg", "tif", "tiff", "bmp", "nii", "nifti", "nrrd", "mha"))
_APART = re.compile(r"([\s_\-.]+)")
_COUNTED = re.compile(r"([^\W\d_]+)(\d+)")
_NNUNET = re.compile(r"(images|labels)(tr|ts|va|val)", re.IGNORECASE)


@dataclass(frozen=True)
class Key:
    """The words of a name that say which case it is, each with what parts it from the one before."""

    words: tuple[tuple[str, str], ...] = ()

    @property
    def folded(self) -> tuple[str, ...]:
        """For comparing: without regard to case and to what parts the words."""
        return tuple(word.casefold() for _, word in self.words)

    @property
    def text(self) -> str:
        """As it was written."""
        return (
            "".join(f"{apart}{word}" for apart, word in self.words)[len(self.words[0][0]) :]
            if self.words
            else ""
        )

    def after(self, start: tuple[str, ...]) -> "Key | None":
        """What follows these words; None where the name does not begin with them."""
        return Key(self.words[len(start) :]) if self.folded[: len(start)] == start else None


@dataclass(frozen=True)
class Name:
    """What a name says.

    Attributes:
        role: image, mask, or nothing said.
        key: which case.
        sequence: CT, T1, ... as it was written; empty where nothing is said.
        organ: a mask of the whole organ.
    """

    role: Role
    key: Key
    sequence: str = ""
    organ: bool = False


def stem(name: str) -> str:
    """A file name without the suffix of its format."""
    lower = name.lower()
    suffix = max((known for known in KNOWN if lower.endswith(known)), key=len, default="")
    return name[: len(name) - len(suffix)]


def key_of(text: str) -> Key:
    """All words of a name."""
    apart, *rest = ["", *_APART.split(unicodedata.normalize("NFC", text))]
    pairs = zip([apart, *rest[1::2]], rest[::2], strict=True)
    return Key(tuple((between, word) for between, word in pairs if word))


def of_file(name: str) -> Name:
    """What a file's name without suffix says.

    >>> of_file("brain1_T2_mask").role, of_file("brain1_T2_mask").sequence, of_file("brain1_T2_mask").key.text
    ('mask', 'T2', 'brain1')
    """
    role: Role = ""
    organ = False
    kept: list[tuple[str, str]] = []
    for apart, word in key_of(name).words:
        kind, number = _kind(word)
        role = "mask" if "mask" in (role, kind) else role or kind
        organ = organ or word.casefold() == ORGAN_WORD
        if kind and number:
            kept.append((apart, number))
        elif (not kind or REGION_WORDS.fullmatch(word.casefold())) and word.casefold() != ORGAN_WORD:
            kept.append((apart, word))
    sequence = kept.pop()[1] if kept and kept[-1][1].casefold() in SEQUENCE_WORDS else ""
    return Name("mask" if organ else role, Key(tuple(kept)), sequence, organ)


def of_folder(name: str) -> Name:
    """What a folder's name says: one that is a word for images or masks, ends with one, or goes on with a split.

    `masks`, `labelsTr`, `CT_images` and `mask_train` say something, `Segmentation_dataset` does not.
    """
    words = key_of(_NNUNET.sub(r"\1_\2", name) if _NNUNET.fullmatch(name) else name).words
    roles = [_role(word) for _, word in words]
    rest = [word for word in words if not _role(word[1])]
    ending = {word.casefold() for _, word in rest} <= SPLITS | _FORMATS
    says: Role = roles[-1] or (roles[0] if ending else "") if roles else ""
    kept = [word for word in (rest if says else words) if not (says and word[1].casefold() in _FORMATS)]
    sequence = kept[0][1] if len(kept) == 1 and kept[0][1].casefold() in SEQUENCE_WORDS else ""
    organ = bool(says) and ORGAN_WORD in (word.casefold() for _, word in kept)
    kept = [word for word in kept if not (organ and word[1].casefold() == ORGAN_WORD)]
    return Name(says, Key(() if sequence else tuple(kept)), sequence, organ)


def _kind(word: str) -> tuple[Role, str]:
    """What a word says, and the number that stands right behind it, as in `mask2`."""
    counted = _COUNTED.fullmatch(word)
    if counted and (role := _role(counted[1])):
        return role, counted[2]
    if REGION_WORDS.fullmatch(word.casefold()):
        return "mask", ""
    return _role(word), ""


def _role(word: str) -> Role:
    if word.casefold() in MASK_WORDS:
        return "mask"
    return "image" if word.casefold() in IMAGE_WORDS else ""
