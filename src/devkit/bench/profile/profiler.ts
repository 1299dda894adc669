import { Session } from "node:inspector";
import type { CpuProfile } from "./cpu-profile.ts";

/** Close enough for functions that take a part of a batch. */
const samplingMicroseconds = 200;

/** Does the work with V8's profiler on. */
export async function profiled(work: () => Promise<void>): Promise<CpuProfile> {
  const session = new Session();
  session.connect();
  try {
    await post(session, "Profiler.enable");
    await post(session, "Profiler.setSamplingInterval", { interval: samplingMicroseconds });
    await post(session, "Profiler.start");
    await work();
    const { profile } = (await post(session, "Profiler.stop")) as { profile: CpuProfile };
    return profile;
  } finally {
    session.disconnect();
  }
}

function post(session: Session, method: string, parameters: object = {}): Promise<unknown> {
  return new Promise((resolve, reject) => {
    session.post(method, parameters, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
}
