"""The menu: every name a user may write, and where its implementation lives.

Plain strings, so that listing the names (for `--help`, `radcompare list` and "did you mean") imports
nothing heavy. To add an entry, write the module and put one line here.
"""

from importlib import import_module
from typing import Any

from radcompare.errors import UnknownNameError

EXTRACTORS = {
    "r219": "radcompare.radiomics.r219:R219",
    "pyradiomics": "radcompare.radiomics.engine:PyRadiomics",
    "deep": "radcompare.deep.activations:DeepExtractor",
}

NETWORKS = {
    "cnn-f": "radcompare.deep.cnn_f:cnn_f",
    "alexnet": "radcompare.deep.zoo:alexnet",
    "vgg11": "radcompare.deep.zoo:vgg11",
    "vgg16": "radcompare.deep.zoo:vgg16",
    "vgg19": "radcompare.deep.zoo:vgg19",
    "resnet18": "radcompare.deep.zoo:resnet18",
    "resnet50": "radcompare.deep.zoo:resnet50",
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


def names(kind: str) -> list[str]:
    """The names on one menu, in the order in which they are documented."""
    return list(MENUS[kind])


def load(kind: str, name: str) -> Any:
    """Import what stands behind a name.

    Raises:
        UnknownNameError: the name is not on that menu.
    """
    menu = MENUS[kind]
    if name not in menu:
        raise UnknownNameError(kind, name, menu)
    module, attribute = menu[name].split(":")
    return getattr(import_module(module), attribute)
