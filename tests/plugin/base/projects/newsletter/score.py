raise SystemExit("a site build must never run this")
