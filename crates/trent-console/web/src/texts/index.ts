// Every text of the console stands in this folder.
export * from "./common";
export * from "./create";
export * from "./keys";
export * from "./other";
