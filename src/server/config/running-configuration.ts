// The running configuration: CONFIG GET, SET and REWRITE over the directives. SET is all or nothing,
// also when a value is fine but its consequence fails (a port that is taken): then every value goes
// back and the consequences are undone. Consequences themselves are the composition root's.

import type { Files } from '../../env/files.ts';
import { FileError } from '../../env/files.ts';
import type { Log } from '../../env/log.ts';
import { replaceFile, replaceFileSoon } from '../../env/replace-file.ts';
import { errors } from '../../protocol/errors.ts';
import { globMatches } from '../../util/glob.ts';
import type { ApplyStep, Directive, SetContext } from './directive.ts';
import { directives, directivesByName, findDirective } from './directives.ts';
import { enterDirectory } from './load-configuration.ts';
import { rewriteConfiguration } from './rewrite-configuration.ts';
import type { Settings } from './settings.ts';

/** An error text when the step failed; a promise when it takes a while (listening). */
export type StepResult = string | undefined | Promise<string | undefined>;

export interface RunningConfigurationHost {
  readonly files: Files;
  readonly log: Log;
  readonly settings: Settings;
  /** Absolute; undefined when the node was started without one. */
  readonly configFile: string | undefined;
  isLoading(): boolean;
  apply(step: ApplyStep): StepResult;
  /** `name rules` a user, for REWRITE; undefined when an ACL file holds them. */
  userLines(): readonly string[] | undefined;
  /** Part of the name of temporary files. */
  temporarySuffix(): string;
}

export class RunningConfiguration {
  readonly #host: RunningConfigurationHost;
  readonly #context: SetContext;
  /** Rewrites that are under way: one at a time, so that the last one asked for is the last one written. */
  #rewriting: Promise<unknown> = Promise.resolve();

  constructor(host: RunningConfigurationHost) {
    this.#host = host;
    this.#context = {
      fromFile: false,
      saveSeen: false,
      enterDirectory: (path) => enterDirectory(host.files, host.settings.dir, path),
      warn: (text) => host.log.warning(text),
    };
  }

  /** Names and values. A pattern finds aliases too; a plain name is answered as it was typed. */
  get(patterns: readonly Buffer[]): readonly (readonly [string, string])[] {
    const found = new Map<string, readonly [string, string]>();
    for (const pattern of patterns) {
      const text = pattern.toString('latin1');
      if (!/[[*?]/.test(text)) {
        const directive = findDirective(text);
        const key = text.toLowerCase();
        if (directive !== undefined && !found.has(key)) found.set(key, this.#pair(text, directive));
        continue;
      }
      for (const [name, directive] of directivesByName) {
        if (directive.hidden === true || found.has(name)) continue;
        if (!globMatches(pattern, Buffer.from(name, 'latin1'), true)) continue;
        found.set(name, this.#pair(name, directive));
      }
    }
    return [...found.values()];
  }

  #pair(name: string, directive: Directive): readonly [string, string] {
    return [name, directive.get(this.#host.settings)];
  }

  /** Whether the value must not show in logs. */
  isSensitive(name: string): boolean {
    return findDirective(name)?.sensitive === true;
  }

  /** The whole error text, or undefined; a promise when a consequence takes a while. */
  set(pairs: readonly (readonly [string, string])[], isLocal: boolean): StepResult {
    const { settings, log } = this.#host;
    const chosen = this.#choose(pairs, isLocal);
    if (typeof chosen === 'string') return chosen;
    const backups = chosen.map((directive) => directive.backup(settings));
    const restore = (): void => {
      for (const backup of backups) backup();
    };
    const steps = new Map<ApplyStep, string>();
    for (let i = 0; i < pairs.length; i++) {
      const [name, value] = pairs[i];
      const directive = chosen[i];
      const args = directive.multipleArguments === true ? splitAtSpaces(value) : [value];
      const outcome = directive.set(settings, args, this.#context);
      if (typeof outcome === 'object') {
        restore();
        return errors.configSetFailed(name.toLowerCase(), outcome.error);
      }
      if (outcome === 'changed' && directive.apply !== undefined && !steps.has(directive.apply)) {
        steps.set(directive.apply, name.toLowerCase());
      }
    }
    const undo = (name: string, error: string): string => {
      log.warning(
        `Failed applying new configuration. Possibly related to new ${name} setting. ` +
          'Restoring previous settings.',
      );
      restore();
      for (const step of steps.keys()) this.#applyAgain(step);
      return errors.configSetFailed(name, error);
    };
    return this.#applySteps([...steps], undo);
  }

  /** The directives to set, in order, or the error text. */
  #choose(
    pairs: readonly (readonly [string, string])[],
    isLocal: boolean,
  ): readonly Directive[] | string {
    const { settings } = this.#host;
    const chosen: Directive[] = [];
    const seen = new Set<string>();
    for (const [typed] of pairs) {
      const directive = findDirective(typed);
      if (directive === undefined) {
        return errors.configUnknown(typed);
      }
      if (directive.immutable === true)
        return errors.configSetFailed(typed, "can't set immutable config");
      if (directive.protected === true && !isAllowed(settings.enableProtectedConfigs, isLocal)) {
        return errors.configSetFailed(typed, "can't set protected config");
      }
      if (directive.denyLoading === true && this.#host.isLoading()) return errors.loading;
      // By name, not by directive: an alias beside its name is no duplicate, the last one wins.
      if (seen.has(typed.toLowerCase()))
        return errors.configSetFailed(typed, 'duplicate parameter');
      seen.add(typed.toLowerCase());
      chosen.push(directive);
    }
    return chosen;
  }

  #applySteps(
    steps: readonly (readonly [ApplyStep, string])[],
    undo: (name: string, error: string) => string,
  ): StepResult {
    for (let i = 0; i < steps.length; i++) {
      const [step, name] = steps[i];
      const result = this.#host.apply(step);
      if (typeof result === 'string') return undo(name, result);
      if (result === undefined) continue;
      const rest = steps.slice(i + 1);
      return result.then((error) =>
        error === undefined ? this.#applySteps(rest, undo) : undo(name, error),
      );
    }
    return undefined;
  }

  #applyAgain(step: ApplyStep): void {
    const report = (error: string | undefined): void => {
      if (error === undefined) return;
      this.#host.log.warning(`Failed applying restored failed CONFIG SET command: ${error}`);
    };
    const result = this.#host.apply(step);
    if (result instanceof Promise) void result.then(report);
    else report(result);
  }

  /** The whole error text, or undefined when the file is durable. */
  rewrite(everything = false): string | undefined {
    const { configFile, files } = this.#host;
    if (configFile === undefined) return errors.configWithoutFile;
    try {
      const text = this.#rewritten(configFile, everything);
      replaceFile(files, configFile, text, this.#host.temporarySuffix());
    } catch (error) {
      return this.#rewriteFailed(error);
    }
    return this.#rewriteSucceeded();
  }

  /** The same while everything else goes on: a new master must not stand still for its disk. */
  rewriteSoon(): Promise<string | undefined> {
    const result = this.#rewriting.then(() => this.#rewriteSoon());
    this.#rewriting = result;
    return result;
  }

  async #rewriteSoon(): Promise<string | undefined> {
    const { configFile, files } = this.#host;
    if (configFile === undefined) return errors.configWithoutFile;
    try {
      const text = this.#rewritten(configFile, false);
      await replaceFileSoon(files, configFile, text, this.#host.temporarySuffix());
    } catch (error) {
      return this.#rewriteFailed(error);
    }
    return this.#rewriteSucceeded();
  }

  #rewritten(path: string, everything: boolean): Buffer {
    const { files, settings } = this.#host;
    const old = files.stat(path) === undefined ? '' : files.readWhole(path).toString('latin1');
    const users = this.#host.userLines();
    return Buffer.from(rewriteConfiguration(old, settings, { users, everything }), 'latin1');
  }

  #rewriteSucceeded(): undefined {
    this.#host.log.notice('CONFIG REWRITE executed with success.');
    return undefined;
  }

  #rewriteFailed(error: unknown): string {
    if (!(error instanceof FileError)) throw error;
    this.#host.log.warning(`CONFIG REWRITE failed: ${error.message}`);
    return errors.configRewriteFailed(error.message);
  }

  /** Lines of the directives that matter in a bug report. */
  debugLines(): readonly string[] {
    return directives
      .filter((directive) => directive.debug === true)
      .flatMap((directive) => directive.rewrite(this.#host.settings).map((line) => line.text));
  }
}

/** What enable-protected-configs, enable-debug-command and enable-module-command mean. */
export function isAllowed(setting: 'no' | 'yes' | 'local', isLocal: boolean): boolean {
  return setting === 'yes' || (setting === 'local' && isLocal);
}

/** Every single space parts: two in a row leave an empty argument between them. */
function splitAtSpaces(value: string): readonly string[] {
  return value === '' ? [] : value.split(' ');
}
