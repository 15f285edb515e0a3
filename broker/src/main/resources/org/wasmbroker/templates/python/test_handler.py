import unittest

import handler
from wasm_broker_testing import Broker


class HandlerTest(unittest.TestCase):
    """A handler is plain Python elsewhere, so its tests need neither broker nor WebAssembly."""

    def test_tax_is_added_to_the_lines(self):
        broker = Broker()
        tea = {"item": "tea", "price_cents": 250, "quantity": 2}

        ended = broker.run(handler.run, config={"tax_percent": 19}, context={"lines": [tea]})

        self.assertEqual(
            ended, {"status": "completed", "result": {"net_cents": 500, "tax_cents": 95, "total_cents": 595}})
        self.assertEqual(broker.lines, [("info", "lines added up", {"lines": 1})])

    def test_an_order_without_lines_is_a_failure(self):
        ended = Broker().run(handler.run, context={"lines": []})

        self.assertEqual(ended["error"]["type"], "no_lines")


if __name__ == "__main__":
    unittest.main()
