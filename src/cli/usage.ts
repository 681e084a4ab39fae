// What the programs say about themselves.

import { REDIS_VERSION, UNDERSTUDY_VERSION } from '../util/version.ts';

/** The line that scripts parse: the shape is redis-server's, the last two values are ours. */
export function versionLine(nodeVersion: string): string {
  const build = `understudy-${UNDERSTUDY_VERSION}`;
  return `Redis server v=${REDIS_VERSION} sha=00000000:0 malloc=node-${nodeVersion} bits=64 build=${build}`;
}

export function serverUsage(program: string): string {
  return `Usage: ${program} [/path/to/redis.conf] [options] [-]
       ${program} - (read config from stdin)
       ${program} -v or --version
       ${program} -h or --help
       ${program} --check-rdb <file>
       ${program} --check-aof [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>

Examples:
       ${program} (run the server with default conf)
       echo 'maxmemory 128mb' | ${program} -
       ${program} /etc/redis/6379.conf
       ${program} --port 7777
       ${program} --port 7777 --replicaof 127.0.0.1 8888
       ${program} /etc/myredis.conf --loglevel verbose -
       ${program} /etc/myredis.conf --loglevel verbose

Sentinel mode:
       ${program} /etc/sentinel.conf --sentinel
       ${program} /etc/sentinel.conf --sentinel --state-dir /var/lib/sentinel
`;
}

export function aofCheckUsage(program: string): string {
  return `Usage: ${program} [--fix|--truncate-to-timestamp $timestamp] <file.manifest|file.aof>\n`;
}
