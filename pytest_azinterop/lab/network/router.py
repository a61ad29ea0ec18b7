class Router:
    def __init__(self, sim, node): self.sim=sim; self.node=node
