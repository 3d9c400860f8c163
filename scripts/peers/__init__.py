"""Measures sayso beside other engines that run the same checkpoint: `scripts/peers/run.sh`."""
