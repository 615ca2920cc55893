import type { ComponentType } from './component.js';

/** The component types that configs and model files may name; the registry fills it. */
export const knownTypes = new Map<string, ComponentType>();

/** The type of that name, or undefined. */
export const findComponentType = (type: string): ComponentType | undefined => knownTypes.get(type);

export const componentTypes = (): string[] => [...knownTypes.keys()];
