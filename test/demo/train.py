"""Trains a classifier of handwritten digits: an ordinary program that knows nothing of Kubernetes.

Reads digits.csv (64 pixels and the digit in each line) from DATA_DIR, keeps a fifth of it back to
measure its accuracy, and writes model.joblib into MODEL_DIR. GAMMA and C are its parameters.
"""
import os

import joblib
import numpy
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.svm import SVC


def main():
    data = os.environ.get("DATA_DIR", "/mnt/dkube/data")
    model_dir = os.environ.get("MODEL_DIR", "/mnt/dkube/model")
    rows = numpy.loadtxt(os.path.join(data, "digits.csv"), delimiter=",")
    images, labels = rows[:, :64], rows[:, 64].astype(int)
    print(f"images={len(images)}", flush=True)

    fit, check, fit_labels, check_labels = train_test_split(
        images, labels, test_size=0.2, random_state=0, stratify=labels)
    model = SVC(gamma=float(os.environ.get("GAMMA", "0.001")), C=float(os.environ.get("C", "1")))
    model.fit(fit, fit_labels)
    print(f"accuracy={accuracy_score(check_labels, model.predict(check)):.4f}", flush=True)

    os.makedirs(model_dir, exist_ok=True)
    joblib.dump(model.fit(images, labels), os.path.join(model_dir, "model.joblib"))
    print("saved model.joblib", flush=True)


if __name__ == "__main__":
    main()
