#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""golden-embed.py FOLDER - makes tests/golden/embed.txt with scikit-learn: principal components, and what t-SNE keeps of neighbours.

The points come of an integer formula (below), so that a test makes them too: COUNT points in clusters of DIMENSIONS dimensions. Lines of the
result: "share A B", the components' shares of the variance; "point X Y" for each point; "kept SHARE", of each point's NEAREST nearest
neighbours the share that is among its NEAREST nearest in scikit-learn's t-SNE.
"""
import os
import sys

import numpy as np
import sklearn
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE
from sklearn.neighbors import NearestNeighbors

COUNT, DIMENSIONS, CLUSTERS, NEAREST, PERPLEXITY = 300, 12, 6, 10, 30
LIMIT = 0xFFFFFFFF


def mix(i):
    h = (i * 2654435761) & LIMIT
    h = ((h ^ (h >> 15)) * 2246822519) & LIMIT
    h = ((h ^ (h >> 13)) * 3266489917) & LIMIT
    return h ^ (h >> 16)


def point(n, d):
    """The cluster's centre, in eighths, and scatter of up to one in 256ths."""
    return (mix(1000003 * (n % CLUSTERS) + d) % 33 - 16) / 8 + (mix(7919 + n * DIMENSIONS + d) % 513 - 256) / 256


def neighbours(points):
    return NearestNeighbors(n_neighbors=NEAREST + 1).fit(points).kneighbors(return_distance=False)[:, :NEAREST]


def main(arguments):
    if len(arguments) != 1:
        sys.exit(__doc__)
    points = np.array([[point(n, d) for d in range(DIMENSIONS)] for n in range(COUNT)])
    pca = PCA(2, svd_solver="full").fit(points)
    plane = TSNE(2, perplexity=PERPLEXITY, init="pca", random_state=1, method="exact").fit_transform(points)
    kept = np.mean([len(set(a) & set(b)) / NEAREST for a, b in zip(neighbours(points), neighbours(plane))])
    with open(os.path.join(arguments[0], "embed.txt"), "w") as file:
        print(f"# made by tools/golden-embed.py with scikit-learn {sklearn.__version__}", file=file)
        print("share", *map(repr, map(float, pca.explained_variance_ratio_)), file=file)
        for x, y in pca.transform(points):
            print(f"point {x:.9g} {y:.9g}", file=file)
        print("kept", repr(float(kept)), file=file)


if __name__ == "__main__":
    main(sys.argv[1:])
