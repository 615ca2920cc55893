import type { KaldiInput, KaldiOutput } from '@jebena/io-ark';
import type { Component, ComponentType } from './component.js';
import { componentTypes, findComponentType } from './component-types.js';
import { NetworkError } from './errors.js';
import { readFields, writeFields } from './fields.js';

/** Reads one component, from its `<Type>` to its `</Type>`. */
export function readComponent(input: KaldiInput): Component {
  input.skipSpace();
  const start = input.offset;
  const token = input.readToken();
  const Type = /^<.+>$/.test(token) ? findComponentType(token.slice(1, -1)) : undefined;
  if (!Type) {
    const found = JSON.stringify(token.slice(0, 60));
    return input.fail(`a component, one of <${componentTypes().slice(0, 3).join('>, <')}>, ...`, found, start);
  }
  const component = new Type();
  readFields(Type.fields, input, component);
  input.expectToken(`</${Type.type}>`);
  try {
    component.check();
  } catch (error) {
    if (error instanceof NetworkError) input.fail(`${Type.type} that fits together`, error.message, start);
    throw error;
  }
  return component;
}

export function writeComponent(component: Component, output: KaldiOutput): void {
  output.writeToken(`<${component.type}>`);
  writeFields((component.constructor as ComponentType).fields, output, component);
  output.writeToken(`</${component.type}>`);
}
