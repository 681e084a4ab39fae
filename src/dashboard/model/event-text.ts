// Sentinel's events as sentences for one who does not know them by heart. The payloads' forms:
// '<kind> <name> <ip> <port> @ <master> <ip> <port>', and a few of their own.

import type { TimelineEvent } from '../../fleet/fleet-view.ts';
import type { FleetState } from '../messages.ts';
import { allNodes } from './node-status.ts';

/** A sentence about the event; a payload of unknown form stays as it was published. */
export function eventSentence(event: TimelineEvent, fleet: FleetState): string {
  if (event.kind === 'node') return nodeSentences[event.name] ?? event.text;
  if (event.kind === 'action') return event.text;
  const words = event.text.split(' ');
  const about = event.subject ?? subjectOf(words, fleet);
  switch (event.name) {
    case '+switch-master':
      return `names ${nodeAt(words[3], words[4], fleet)} master, no longer ${nodeAt(words[1], words[2], fleet)}`;
    case '+vote-for-leader':
      return `votes for ${sentinelById(words[0], fleet)} in epoch ${words[1] ?? '?'}`;
    case '+new-epoch':
      return `enters epoch ${words[0]}`;
    case '+odown':
      return `${about} is down for ${/#quorum (\S+)/.exec(event.text)?.[1] ?? 'a quorum'} sentinels`;
    default: {
      const sentence = sentences[event.name];
      return sentence === undefined ? event.text : sentence.replace('%', about);
    }
  }
}

/** What the fleet saw of a process; the text has more where it ended or changed its role. */
const nodeSentences: Readonly<Record<string, string>> = {
  starting: 'was started',
  up: 'answers',
  silent: 'does not answer',
  frozen: 'was stopped in its tracks',
};

/** '%' stands for the node. */
const sentences: Readonly<Record<string, string>> = {
  '+sdown': 'cannot reach %',
  '-sdown': 'reaches % again',
  '-odown': '% is no longer down for a quorum',
  '+try-failover': 'wants to lead a failover of %',
  '+elected-leader': 'was elected and leads the failover',
  '+failover-state-select-slave': 'looks for a replica to promote',
  '+selected-slave': 'chose %',
  '+failover-state-send-slaveof-noone': 'tells % to lead',
  '+failover-state-wait-promotion': 'waits for % to lead',
  '+promoted-slave': '% leads',
  '+failover-state-reconf-slaves': 'points the other replicas at the new master',
  '+slave-reconf-sent': 'told % whom to follow',
  '+slave-reconf-inprog': '% turns to the new master',
  '+slave-reconf-done': '% follows the new master',
  '+failover-end': 'the failover is over',
  '+failover-end-for-timeout': 'the failover ran out of time; the rest follows on its own',
  '-failover-abort-not-elected': 'gave up: not elected',
  '-failover-abort-no-good-slave': 'gave up: no replica is fit to lead',
  '-failover-abort-slave-timeout': 'gave up: the chosen replica did not take the lead',
  '-failover-abort-master-is-back': 'gave up: the master is back',
  '+convert-to-slave': 'makes % a replica',
  '+slave': 'found replica %',
  '+sentinel': 'found another sentinel, %',
  '+config-update-from': 'learned of a new master from %',
  '+fix-slave-config': 'corrects whom % follows',
  '+reboot': '% was restarted',
  '+role-change': '% changed its role',
  '-role-change': '% does not have the role that it should',
  '+monitor': 'watches %',
  '+reset-master': 'forgot all about %',
  '+tilt': 'distrusts its clock and only watches',
  '-tilt': 'trusts its clock again',
};

function subjectOf(words: readonly string[], fleet: FleetState): string {
  if (words.length < 4) return words[1] ?? 'it';
  return nodeAt(words[2], words[3], fleet);
}

function nodeAt(host: string | undefined, port: string | undefined, fleet: FleetState): string {
  const known = allNodes(fleet).find((node) => String(node.port) === port && node.host === host);
  return known?.name ?? `${host ?? '?'}:${port ?? '?'}`;
}

function sentinelById(id: string | undefined, fleet: FleetState): string {
  const known = fleet.sentinels.find((sentinel) => sentinel.id === id);
  return known?.name ?? `sentinel ${(id ?? '?').slice(0, 8)}`;
}
