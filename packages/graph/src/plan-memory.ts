import type { Component } from './component.js';
import { type Plan, readSlots } from './plan/plan.js';

/**
 * The most bytes that the matrices of nodes take at once in a forward pass of a plan. With `training`, what
 * backprop looks at again is held to the end. What a single step makes for itself is not counted.
 */
export function planMemory(plan: Plan, component: (name: string) => Component, training: boolean): number {
  const bytes = plan.slots.map((s) => 4 * s.indexes.length * plan.sequences * s.cols);
  const left = new Int32Array(plan.slots.length);
  for (const step of plan.steps) for (const slot of readSlots(step)) left[slot]!++;
  for (const leaf of plan.kept.values()) left[leaf.slot]!++;
  const held = new Set<number>();
  if (training)
    for (const step of plan.steps) {
      if (step.kind === 'project' || step.kind === 'recur') for (const slot of readSlots(step)) held.add(slot);
      if (step.kind !== 'component') continue;
      const { needs } = component(step.component);
      if (needs.x) for (const slot of readSlots(step)) held.add(slot);
      if (needs.y) held.add(step.output);
    }
  let now = 0;
  for (const slot of [...plan.inputs.values(), ...plan.carried.values()]) now += bytes[slot]!;
  let most = now;
  for (const step of plan.steps) {
    if ('output' in step) now += bytes[step.output]!;
    most = Math.max(most, now);
    for (const slot of readSlots(step)) if (--left[slot]! === 0 && !held.has(slot)) now -= bytes[slot]!;
    if ('output' in step && left[step.output] === 0 && !held.has(step.output)) now -= bytes[step.output]!;
  }
  return most;
}
