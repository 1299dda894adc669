import { MillraceError } from "../../errors.ts";
import type { Source } from "../../pipeline/index.ts";
import type { ConnectorContext } from "../spec.ts";
import { PollSource } from "./poll-source.ts";
import { type HttpExtract, type HttpSettings, isWebsocket } from "./settings.ts";
import { StreamSource } from "./stream-source.ts";

export async function createHttpSource(
  settings: HttpSettings,
  extract: HttpExtract,
  context: ConnectorContext,
): Promise<Source> {
  const isWhole = settings.output_parts === "body" && settings.output_type === "text";
  if (extract !== "body" && !isWhole) {
    throw new MillraceError(
      "config.invalid",
      "`http.output_parts` and `http.output_type` describe a whole body, and `millrace.extract` takes it apart",
      { hint: "remove one or the other" },
    );
  }
  if (isWebsocket(settings.endpoint)) {
    if (extract !== "body") {
      throw new MillraceError(
        "config.invalid",
        "each message of a websocket is a record, and `millrace.extract` takes a whole body apart",
        { hint: "remove `extract`, and take the message apart with a module" },
      );
    }
    const { WebsocketSource } = await import("./websocket-source.ts");
    return new WebsocketSource(settings, context);
  }
  if (!settings.stream) return new PollSource(settings, extract, context);
  if (extract !== "body") {
    throw new MillraceError(
      "config.invalid",
      "`http.stream` splits a response as it comes, and `millrace.extract` takes a whole one apart",
      { hint: "remove one or the other" },
    );
  }
  return new StreamSource(settings, context);
}
