/** Sizes as people say them. */

/** Binary megabytes, with a decimal below 16: "9.4 MB", "528 MB". */
export const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(bytes < 2 ** 24 ? 1 : 0)} MB`;
