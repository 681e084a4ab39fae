// Classes of keyspace events, as bits. The letters are those of notify-keyspace-events.

export const NotifyClass = {
  keyspace: 1,
  keyevent: 2,
  generic: 4,
  string: 8,
  list: 16,
  set: 32,
  hash: 64,
  zset: 128,
  expired: 256,
  evicted: 512,
  stream: 1024,
  keymiss: 2048,
  loaded: 4096,
  module: 8192,
  new: 16384,
} as const;
