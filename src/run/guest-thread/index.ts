export { startGuestThread } from "./guest-thread.ts";
