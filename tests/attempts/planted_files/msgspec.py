raise SystemExit("the msgspec.py beside the attempt was imported")
