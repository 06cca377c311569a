"""An OTLP receiver on port 4318 (oteltap) that prints every span as a line of JSON, for tools/compose-test."""
import asyncio

from oteltap import OtelTapHttpProtobufReceiver, OtelTapHttpProtobufReceiverSettings


async def main() -> None:
    settings = OtelTapHttpProtobufReceiverSettings(
        http_port=4318, listen_on_all_interfaces=True, print_traces_as_ndjson=True
    )
    async with OtelTapHttpProtobufReceiver(settings):
        await asyncio.Event().wait()


asyncio.run(main())
