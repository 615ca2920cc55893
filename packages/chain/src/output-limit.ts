/** Outputs are held to this range before they are exponentiated, so that nothing overflows. */
export const outputLimit = 30;
