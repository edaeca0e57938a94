#!/bin/sh
# Memory that runs out, one allocation after another.
exec "${BUILD:-build/dev}/test/faults/nomem"
