// What random requests look like: one line a form of a command. Capitals stand for themselves, small
// words for something random (random-requests.ts has their values), `a b?` for an optional part,
// `(a b)+` and `*` for repetition, `(a|b)` for a choice. Left out is what cannot be the same on two
// servers: times, random choices other than of everything, encodings that 7.2 introduced, the last
// digits of sines (STOREDIST), and which consumers there are: XCLAIM creates them since 7.2.
//
// In front of a line:
//   @unordered  the reply's order is a hash table's       @pairs  the same for pairs
//   @scan, @scanpairs  the same for the second element, behind the cursor
//   @shape      values are a random choice: types and lengths count
//   @time       a deadline, which the two servers set a moment apart
//   @plain      arguments are never spoilt: the result would be huge, slow or a matter of the version

const strings = `
SET key value ((NX|XX)|GET|KEEPTTL)?
SET key value
SET key int
@plain SET key value (EX seconds|PX milliseconds|PXAT laterms|EXAT later)
SETNX key value
@plain SETEX key seconds value
@plain PSETEX key milliseconds value
GET key
GETSET key value
GETDEL key
@plain GETEX key (EX seconds|PERSIST|PXAT laterms)?
MSET (key value)+
MSETNX (key value)+
MGET key+
APPEND key value
STRLEN key
GETRANGE key int int
SUBSTR key int int
@plain SETRANGE key offset value
INCR key
DECR key
INCRBY key int
DECRBY key int
INCRBYFLOAT key float
LCS key key (LEN|IDX|IDX WITHMATCHLEN|IDX MINMATCHLEN int)?
OBJECT ENCODING key
`;

const bitmaps = `
@plain SETBIT key bit (0|1|int)
@plain GETBIT key bit
BITCOUNT key (int int (BYTE|BIT)?)?
BITPOS key (0|1|int) (int (int (BYTE|BIT)?)?)?
BITOP (AND|OR|XOR|NOT) key key+
BITOP NOT key key
@plain BITFIELD key (GET field bit|SET field bit int|INCRBY field bit int|OVERFLOW (WRAP|SAT|FAIL))+
@plain BITFIELD_RO key (GET field bit)+
@plain BITFIELD key (GET field #small|SET field #small int)+
`;

const hyperLogLogs = `
PFADD key value*
PFADD key (value value value value)+
PFCOUNT key+
PFMERGE key key+
`;

const lists = `
LPUSH key value+
RPUSH key value+
RPUSH key (value value value)+
LPUSHX key value+
RPUSHX key value+
LPOP key int?
RPOP key int?
LLEN key
LRANGE key int int
LRANGE key 0 -1
LINDEX key int
LSET key int value
LREM key int value
LTRIM key int int
LTRIM key small -1
LINSERT key (BEFORE|AFTER) value value
@plain LPOS key value (RANK rank)? (COUNT int)? (MAXLEN int)?
LMOVE key key (LEFT|RIGHT) (LEFT|RIGHT)
RPOPLPUSH key key
LMPOP 1 key (LEFT|RIGHT) (COUNT int)?
LMPOP 2 key key (LEFT|RIGHT)
@plain BLPOP key+ wait
@plain BRPOP key wait
@plain BLMOVE key key (LEFT|RIGHT) (LEFT|RIGHT) wait
@plain BRPOPLPUSH key key wait
@plain BLMPOP wait 2 key key (LEFT|RIGHT) (COUNT int)?
`;

const hashes = `
HSET key (value value)+
HSET key (value int)+
HMSET key (value value)+
HSETNX key value value
HGET key value
HMGET key value+
HDEL key value+
HEXISTS key value
HLEN key
HSTRLEN key value
HINCRBY key value int
HINCRBYFLOAT key value float
@pairs HGETALL key
@unordered HKEYS key
@unordered HVALS key
@shape @plain HRANDFIELD key (draws WITHVALUES?)?
@scanpairs @plain HSCAN key 0 COUNT 1000 (MATCH pattern)?
@plain HSCAN key badcursor (MATCH|COUNT) int
@plain ZSCAN key badcursor
@plain SSCAN key badcursor COUNT int
@plain SCAN badcursor
`;

const sets = `
SADD key value+
SADD key int+
SADD key (value value value value)+
SREM key value+
SREM key int+
SCARD key
SISMEMBER key value
SMISMEMBER key value+
@unordered SMEMBERS key
SMOVE key key value
@unordered SINTER key+
@unordered SUNION key+
@unordered SDIFF key+
SINTERSTORE key key+
SUNIONSTORE key key+
SDIFFSTORE key key+
SINTERCARD small key+ (LIMIT int)?
SINTERCARD 2 key key (LIMIT int)?
@unordered @plain SPOP key 1000
@shape @plain SRANDMEMBER key draws?
@scan @plain SSCAN key 0 COUNT 1000 (MATCH pattern)?
`;

const sortedSets = `
ZADD key (NX|XX)? (GT|LT)? CH? INCR? (score value)+
ZADD key (score value)+
ZADD key (int value)+
ZADD key (score value score value score value)+
ZADD key INCR score value
ZINCRBY key score value
ZREM key value+
ZCARD key
ZSCORE key value
ZMSCORE key value+
@plain ZRANK key value
@plain ZREVRANK key value
ZCOUNT key bound bound
ZRANGE key int int REV? WITHSCORES?
ZRANGE key bound bound BYSCORE REV? (LIMIT int int)? WITHSCORES?
ZREVRANGE key int int WITHSCORES?
ZRANGEBYSCORE key bound bound WITHSCORES? (LIMIT int int)?
ZREVRANGEBYSCORE key bound bound WITHSCORES? (LIMIT int int)?
ZRANGESTORE key key (int int|bound bound BYSCORE) REV? (LIMIT int int)?
ZREMRANGEBYRANK key int int
ZREMRANGEBYSCORE key bound bound
ZPOPMIN key int?
ZPOPMAX key int?
ZMPOP 1 key (MIN|MAX) (COUNT int)?
ZMPOP 2 key key (MIN|MAX)
ZUNION 2 key key (WEIGHTS score score)? (AGGREGATE (SUM|MIN|MAX))? WITHSCORES?
ZINTER 2 key key (WEIGHTS score score)? (AGGREGATE (SUM|MIN|MAX))? WITHSCORES?
ZDIFF small key key WITHSCORES?
ZUNIONSTORE key 2 key key (WEIGHTS score score)? (AGGREGATE (SUM|MIN|MAX))?
ZINTERSTORE key 2 key key (WEIGHTS score score)? (AGGREGATE (SUM|MIN|MAX))?
ZDIFFSTORE key 2 key key
ZUNIONSTORE key small key+
ZUNION 3 key key key WEIGHTS score score score (AGGREGATE (SUM|MIN|MAX))? WITHSCORES
ZINTER 3 key key key WEIGHTS score score score (AGGREGATE (SUM|MIN|MAX))? WITHSCORES
ZINTERCARD 2 key key (LIMIT int)?
@shape @plain ZRANDMEMBER key (draws WITHSCORES?)?
@scanpairs @plain ZSCAN key 0 COUNT 1000 (MATCH pattern)?
@plain BZPOPMIN key+ wait
@plain BZPOPMAX key wait
@plain BZMPOP wait 2 key key (MIN|MAX) (COUNT int)?
OBJECT ENCODING key
`;

// With different scores a range by name is unspecified: these keys have equal ones only.
const namesInOrder = `
@plain ZADD namekey 0 value
@plain ZADD namekey 0 value 0 value 0 value 0 value
@plain ZREM namekey value
@plain RPUSH listednames value
@plain ZLEXCOUNT namekey name name
@plain ZRANGEBYLEX namekey name name (LIMIT int int)?
@plain ZREVRANGEBYLEX namekey name name (LIMIT int int)?
@plain ZRANGE namekey name name BYLEX REV? (LIMIT int int)?
@plain ZRANGESTORE key namekey name name BYLEX (LIMIT int int)?
@plain ZREMRANGEBYLEX namekey name name
`;

const positions = `
GEOADD key (NX|XX)? CH? (longitude latitude value)+
GEOADD key (longitude latitude value longitude latitude value)+
GEOPOS key value+
GEOHASH key value+
GEODIST key value value (M|KM|FT|MI|unit)?
GEOSEARCH key (FROMMEMBER value|FROMLONLAT longitude latitude) (BYRADIUS metres (M|KM)|BYBOX metres metres KM) (ASC|DESC) (COUNT int)? WITHDIST? WITHHASH? WITHCOORD?
GEOSEARCHSTORE key key (FROMMEMBER value|FROMLONLAT longitude latitude) (BYRADIUS metres (M|KM)|BYBOX metres metres KM) (ASC|DESC) (COUNT int)?
GEORADIUS key longitude latitude metres KM WITHDIST? (COUNT int)? (ASC|DESC) (STORE key)?
GEORADIUSBYMEMBER key value metres M (ASC|DESC) WITHCOORD?
`;

const streams = `
XADD key NOMKSTREAM? (MAXLEN (=|~)? int|MINID (=|~)? id)? id (value value)+
XADD key id value value
@plain XADD key small-* value value
XLEN key
XDEL key id+
XRANGE key id id (COUNT int)?
XRANGE key - + (COUNT int)?
XREVRANGE key + - (COUNT int)?
XTRIM key (MAXLEN|MINID) (=|~)? id (LIMIT int)?
XSETID key id
XREAD (COUNT int)? STREAMS key id
XREAD STREAMS key key id id
XGROUP CREATE key group (id|$) MKSTREAM?
XGROUP SETID key group id
XGROUP DESTROY key group
@shape XGROUP CREATECONSUMER key group consumer
XGROUP DELCONSUMER key group consumer
XREADGROUP GROUP group consumer (COUNT int)? NOACK? STREAMS key (>|id)
XACK key group id+
XPENDING key group
@shape XPENDING key group - + 10 consumer?
XCLAIM key group consumer 0 id+ FORCE? JUSTID?
XAUTOCLAIM key group consumer 0 id (COUNT small)? JUSTID?
`;

const keys = `
DEL key+
UNLINK key+
EXISTS key+
TYPE key
TOUCH key+
RENAME key key
RENAMENX key key
COPY key key REPLACE?
COPY key key DB 1 REPLACE?
MOVE key 1
@unordered KEYS pattern
DBSIZE
@scan @plain SCAN 0 COUNT 1000 (MATCH pattern)? (TYPE (string|list|set|zset|hash|stream))?
@plain EXPIRE key seconds (NX|XX)?
@plain EXPIRE key longer (GT|LT)
@plain PEXPIRE key milliseconds
@plain EXPIREAT key epoch (NX|XX|GT|LT)?
@plain PEXPIREAT key epochms (NX|XX|GT|LT)?
@time TTL key
@time PTTL key
@time EXPIRETIME key
@time PEXPIRETIME key
PERSIST key
SORT key ALPHA? (ASC|DESC)? (LIMIT int int)? (GET pattern|GET #)* (STORE key)?
SORT key BY weight DESC? (STORE key)?
SORT_RO key ALPHA (LIMIT int int)?
@unordered SORT key ALPHA BY nosort
SWAPDB 0 1
SELECT (0|1)
WATCH key
UNWATCH
`;

/** A family's lines, its own name for `key`, and how often it is chosen. */
export interface Family {
  readonly name: string;
  readonly weight: number;
  readonly lines: readonly string[];
}

function family(name: string, weight: number, text: string): Family {
  return { name, weight, lines: text.trim().split('\n') };
}

export const families: readonly Family[] = [
  family('string', 3, strings),
  family('bitmap', 2, bitmaps),
  family('hll', 1, hyperLogLogs),
  family('list', 4, lists),
  family('hash', 3, hashes),
  family('set', 4, sets),
  family('zset', 5, sortedSets),
  family('name', 2, namesInOrder),
  family('geo', 2, positions),
  family('stream', 3, streams),
  family('keys', 3, keys),
];
