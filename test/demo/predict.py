"""Asks an endpoint to classify held-out images and compares with the true labels.

Usage: predict.py URL < heldout.csv      64 pixels and the true digit in each line
"""
import json
import sys
import urllib.request

SHOWN = 10
SHADES = " .:-=+*#%@"


def predict(url, instances):
    body = json.dumps({"instances": instances}).encode()
    request = urllib.request.Request(url + "/predict", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["predictions"]


def draw(images):
    for y in range(8):
        print("    " + "  ".join("".join(SHADES[min(9, p * 9 // 16)] for p in image[8 * y:8 * y + 8])
                                 for image in images).rstrip())


def main():
    rows = [[int(v) for v in line.split(",")] for line in sys.stdin if line.strip()]
    images, labels = [r[:64] for r in rows], [r[64] for r in rows]
    predictions = predict(sys.argv[1], images)
    draw(images[:SHOWN])
    print("    true       " + "         ".join(str(v) for v in labels[:SHOWN]))
    print("    predicted  " + "         ".join(str(v) for v in predictions[:SHOWN]))
    correct = sum(a == b for a, b in zip(labels, predictions))
    print(f"    correct: {correct} of {len(rows)} held-out images ({100 * correct / len(rows):.1f} %)")
    return 0 if correct >= 0.9 * len(rows) else 1


sys.exit(main())
