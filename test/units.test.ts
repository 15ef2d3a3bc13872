/** The units for systemd, of which no test here has a version of each kind. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const settingsOf = (unit: string): readonly string[] =>
  readFileSync(new URL(`../packaging/systemd/${unit}`, import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => /^[A-Z]\w*=/.test(line));

/** One device that is allowed closes all others; before version 253 systemd allows the clock's by `ProtectClock`. */
const CLOSES_DEVICES = /^(PrivateDevices|ProtectClock|DevicePolicy|DeviceAllow)=/;

test.each(['matriarch.service', 'matriarch@.service'])("%s leaves the kernel's watchdog to the guardian", (unit) => {
  expect(settingsOf(unit).filter((line) => CLOSES_DEVICES.test(line))).toEqual([]);
  // So that the clock is safe all the same.
  expect(settingsOf(unit)).toContain('CapabilityBoundingSet=');
});
