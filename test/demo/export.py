"""Writes the UCI optical digits that scikit-learn ships as CSV: 64 pixels (0..16), then the digit.

Usage: export.py FOLDER     makes FOLDER/data/digits.csv (the first 1,200) and FOLDER/heldout.csv (the rest)
"""
import os
import sys

import numpy
from sklearn.datasets import load_digits

TRAINING = 1200


def main(folder):
    digits = load_digits()
    rows = numpy.column_stack([digits.data, digits.target]).astype(int)
    os.makedirs(os.path.join(folder, "data"), exist_ok=True)
    numpy.savetxt(os.path.join(folder, "data", "digits.csv"), rows[:TRAINING], fmt="%d", delimiter=",")
    numpy.savetxt(os.path.join(folder, "heldout.csv"), rows[TRAINING:], fmt="%d", delimiter=",")
    print(f"training={TRAINING} heldout={len(rows) - TRAINING}")


if __name__ == "__main__":
    main(sys.argv[1])
