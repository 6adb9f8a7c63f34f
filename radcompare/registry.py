"""The menu: every name a user may write, and where its implementation lives.

Plain strings, so that listing the names (for `--help`, `radcompare list` and "did you mean") imports
nothing heavy. To add an entry, write the module and put one line here.
"""

import re
from importlib import import_module
from typing import Any

from radcompare.errors import UnknownNameError

EXTRACTORS = {
    "r219": "radcompare.radiomics.r219:R219",
    "pyradiomics": "radcompare.radiomics.engine:PyRadiomics",
    "deep": "radcompare.deep.activations:DeepExtractor",
}

_TORCHVISION = """
    alexnet vgg11 vgg13 vgg16 vgg19 vgg11_bn vgg13_bn vgg16_bn vgg19_bn resnet18 resnet34 resnet50
    resnet101 resnet152 wide_resnet50_2 wide_resnet101_2 resnext50_32x4d resnext101_32x8d
    resnext101_64x4d densenet121 densenet161 densenet169 densenet201 googlenet inception_v3
    squeezenet1_0 squeezenet1_1 mobilenet_v2 mobilenet_v3_small mobilenet_v3_large mnasnet0_5
    mnasnet0_75 mnasnet1_0 mnasnet1_3 shufflenet_v2_x0_5 shufflenet_v2_x1_0 shufflenet_v2_x1_5
    shufflenet_v2_x2_0 efficientnet_b0 efficientnet_b1 efficientnet_b2 efficientnet_b3
    efficientnet_b4 efficientnet_b5 efficientnet_b6 efficientnet_b7 efficientnet_v2_s
    efficientnet_v2_m efficientnet_v2_l regnet_x_400mf regnet_x_800mf regnet_x_1_6gf regnet_x_3_2gf
    regnet_x_8gf regnet_x_16gf regnet_x_32gf regnet_y_400mf regnet_y_800mf regnet_y_1_6gf
    regnet_y_3_2gf regnet_y_8gf regnet_y_16gf regnet_y_32gf regnet_y_128gf convnext_tiny
    convnext_small convnext_base convnext_large swin_t swin_s swin_b swin_v2_t swin_v2_s swin_v2_b
    maxvit_t vit_b_16 vit_b_32 vit_l_16 vit_l_32 vit_h_14
"""

TORCHVISION = tuple(_TORCHVISION.split())
"""The classification networks of torchvision, by its names."""

FAMILIES = {
    "timm/": "radcompare.deep.timm_networks:timm_network",
    "monai/": "radcompare.deep.monai_networks:monai_network",
    "torchscript:": "radcompare.deep.own_networks:torchscript_network",
    ":": "radcompare.deep.own_networks:factory_network",
}
"""Networks from elsewhere, by what marks their names: timm/NAME, monai/NAME, torchscript:FILE, MODULE:FACTORY."""

NETWORKS = {
    "cnn-f": "radcompare.deep.chatfield:cnn_f",
    "cnn-m": "radcompare.deep.chatfield:cnn_m",
    "cnn-s": "radcompare.deep.chatfield:cnn_s",
    "arch1": "radcompare.deep.small_networks:small_network",
    "arch2": "radcompare.deep.small_networks:small_network",
    "arch3": "radcompare.deep.small_networks:small_network",
    "mnist-small": "radcompare.deep.small_networks:small_network",
    "mnist-contest": "radcompare.deep.small_networks:small_network",
    "cnn-3d": "radcompare.deep.small_networks:small_network",
    **dict.fromkeys(TORCHVISION, "radcompare.deep.zoo:torchvision_network"),
    **FAMILIES,
}

SELECTORS = {
    "relieff": "radcompare.selection.relieff:ReliefF",
    "su": "radcompare.selection.uncertainty:SymmetricUncertainty",
    "anova": "radcompare.selection.class_means:Anova",
    "fisher": "radcompare.selection.class_means:Fisher",
    "t-score": "radcompare.selection.class_means:TScore",
    "kruskal-wallis": "radcompare.selection.class_means:KruskalWallis",
    "gini-index": "radcompare.selection.gini:GiniIndex",
    "chi2": "radcompare.selection.chi_square:ChiSquare",
    "variance": "radcompare.selection.variance:Variance",
    "mutual-information": "radcompare.selection.neighbour_information:MutualInformation",
    "mim": "radcompare.selection.information:Mim",
    "mifs": "radcompare.selection.information:Mifs",
    "mrmr": "radcompare.selection.information:Mrmr",
    "cife": "radcompare.selection.information:Cife",
    "icap": "radcompare.selection.information:Icap",
    "jmi": "radcompare.selection.information:Jmi",
    "disr": "radcompare.selection.information:Disr",
    "cmim": "radcompare.selection.information:Cmim",
    "cfs": "radcompare.selection.cfs:Cfs",
    "fcbf": "radcompare.selection.fcbf:Fcbf",
    "correlation": "radcompare.selection.correlation:CorrelationFilter",
    "lasso": "radcompare.selection.lasso:Lasso",
    "rfe": "radcompare.selection.elimination:RecursiveElimination",
    "forward": "radcompare.selection.forward:Forward",
}

PROJECTIONS = {
    "pca": "radcompare.learning.principal_components:PrincipalComponents",
}

CLASSIFIERS = {
    "naive-bayes": "radcompare.learning.classifiers:naive_bayes",
    "naive-bayes-weka": "radcompare.learning.classifiers:naive_bayes_weka",
    "knn": "radcompare.learning.classifiers:knn",
    "cart": "radcompare.learning.classifiers:cart",
    "random-forest": "radcompare.learning.classifiers:random_forest",
    "svm-linear": "radcompare.learning.classifiers:svm_linear",
    "svm-rbf": "radcompare.learning.classifiers:svm_rbf",
    "logistic-l1": "radcompare.learning.classifiers:logistic_l1",
    "logistic-l2": "radcompare.learning.classifiers:logistic_l2",
    "gradient-boosting": "radcompare.learning.classifiers:gradient_boosting",
}

TESTS = {
    "delong": "radcompare.compare.delong:delong_test",
    "delong-clustered": "radcompare.compare.delong:delong_clustered",
    "mcnemar-exact": "radcompare.compare.mcnemar:mcnemar_exact",
    "mcnemar-clustered": "radcompare.compare.clustered_accuracy:mcnemar_clustered",
    "mcnemar-midp": "radcompare.compare.mcnemar:mcnemar_midp",
    "bootstrap": "radcompare.compare.paired_bootstrap:paired_bootstrap_auc",
    "permutation": "radcompare.compare.permutation:permutation_auc",
    "nadeau-bengio": "radcompare.compare.nadeau_bengio:nadeau_bengio",
    "5x2cv-f": "radcompare.compare.five_by_two:combined_f",
    "cochran-q": "radcompare.compare.cochran:cochran_q",
}

MENUS = {
    "extractor": EXTRACTORS,
    "network": NETWORKS,
    "selector": SELECTORS,
    "projection": PROJECTIONS,
    "classifier": CLASSIFIERS,
    "test": TESTS,
}


_FACTORY = re.compile(r"[\w.]+:\w+")


def names(kind: str) -> list[str]:
    """The names on one menu, in the order in which they are documented."""
    return [name for name in MENUS[kind] if name not in FAMILIES]


def network_family(name: str) -> str:
    """The entry of the menu that makes a network: its own, or that of the family which its name is marked with."""
    if name in names("network"):
        return name
    marked = (family for family in FAMILIES if name.startswith(family) and name != family)
    return next(marked, ":" if _FACTORY.fullmatch(name) else name)


def load(kind: str, name: str) -> Any:
    """Import what stands behind a name.

    Raises:
        UnknownNameError: the name is not on that menu.
    """
    menu = MENUS[kind]
    if name not in menu:
        raise UnknownNameError(kind, name, names(kind))
    module, attribute = menu[name].split(":")
    return getattr(import_module(module), attribute)
