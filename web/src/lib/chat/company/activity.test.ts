// @vitest-environment jsdom
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { IDLE_AFTER_MS, watchActivity, type DeviceState } from './activity';

let said: DeviceState[] = [];
let watching: ReturnType<typeof watchActivity>;

beforeEach(() => {
  vi.useFakeTimers();
  said = [];
  watching = watchActivity(document, (state) => said.push(state));
});

afterEach(() => {
  watching.stop();
  vi.useRealTimers();
});

it('is idle after five minutes without input, and here again with the next one', () => {
  vi.advanceTimersByTime(IDLE_AFTER_MS - 1);
  document.dispatchEvent(new Event('keydown'));
  vi.advanceTimersByTime(IDLE_AFTER_MS - 1);
  expect(said).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(said).toEqual(['idle']);
  document.dispatchEvent(new Event('pointermove'));
  expect(said).toEqual(['idle', 'here']);
});

it('says what it is again when it is asked', () => {
  watching.repeat();
  vi.advanceTimersByTime(IDLE_AFTER_MS);
  watching.repeat();
  expect(said).toEqual(['here', 'idle', 'idle']);
});

it('says nothing more once it is stopped', () => {
  watching.stop();
  vi.advanceTimersByTime(IDLE_AFTER_MS);
  document.dispatchEvent(new Event('keydown'));
  expect(said).toEqual([]);
});
