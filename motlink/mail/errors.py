"""Why a letter did not leave."""


class DeliveryFailed(Exception):
    """A try failed. Its words carry no address and no link.

    `for_good`: another try could not help. `unclear`: the service may have taken the letter before the line broke.
    `wait`: how long the service asks us to wait, as it said it.
    """

    def __init__(
        self, words: str, *, for_good: bool = False, unclear: bool = False, wait: str = "", advice: str = ""
    ) -> None:
        self.for_good, self.unclear, self.wait, self.advice = for_good, unclear, wait, advice
        super().__init__(words)
