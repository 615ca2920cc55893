const names = 'http://www.w3.org/2000/svg';
const [width, height, left, bottom] = [600, 160, 44, 22];

function shape(tag: string, attributes: Readonly<Record<string, string | number>>, text: string = ''): SVGElement {
  const made = document.createElementNS(names, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.textContent = text;
  return made;
}

/** Draws a curve of losses, one a step, of so many steps. */
export function drawCurve(svg: Element, losses: readonly number[], steps: number): void {
  const top = Math.max(...losses, 1e-6);
  const x = (step: number): number => left + ((step - 1) / Math.max(1, steps - 1)) * (width - left - 8);
  const y = (loss: number): number => 8 + (1 - loss / top) * (height - bottom - 8);
  const points = losses.map((loss, i) => `${x(i + 1).toFixed(1)},${y(loss).toFixed(1)}`).join(' ');
  svg.replaceChildren(
    shape('line', { x1: left, x2: width - 8, y1: y(0), y2: y(0) }),
    shape('line', { x1: left, x2: left, y1: 8, y2: y(0) }),
    shape('text', { x: left - 6, y: 16, 'text-anchor': 'end' }, top.toFixed(2)),
    shape('text', { x: left - 6, y: y(0), 'text-anchor': 'end' }, '0'),
    shape('text', { x: left, y: height - 5 }, '1'),
    shape('text', { x: width - 8, y: height - 5, 'text-anchor': 'end' }, String(steps)),
    shape('polyline', { points }),
  );
}
