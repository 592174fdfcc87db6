raise SystemExit("the torch.py beside the attempt was imported")
