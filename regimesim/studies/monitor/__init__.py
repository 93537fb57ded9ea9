"""The study `monitor`: how well a monitor tells attacks from honest work, from logs of its use."""
