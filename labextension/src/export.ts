/** Figures as files: SVG and PNG as they look now, tables as CSV. */

/** Every `var(--name)` with the colour or font that it has in this theme. */
function inPlainColours(text: string): string {
  const style = window.getComputedStyle(document.body);
  return text.replace(
    /var\((--[\w-]+)\)/g,
    (_, name: string) =>
      style.getPropertyValue(name).trim().replace(/"/g, "'") || 'currentColor'
  );
}

/** A figure as the text of an SVG file. */
export function svgText(figure: SVGSVGElement): string {
  const copy = figure.cloneNode(true) as SVGSVGElement;
  const { width, height } = figure.viewBox.baseVal;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  return inPlainColours(new XMLSerializer().serializeToString(copy));
}

/** A figure as the bytes of a PNG file, two dots for each of its units. */
export async function pngBlob(figure: SVGSVGElement): Promise<Blob> {
  const { width, height } = figure.viewBox.baseVal;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svgText(figure))}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = width * 2;
  canvas.height = height * 2;
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob(blob =>
      blob === null ? reject(new Error('no picture')) : resolve(blob)
    )
  );
}

/** One cell: quoted where it has to be, and never a formula for a spreadsheet. */
function cellOf(value: string | number | null): string {
  if (typeof value !== 'string') {
    return value === null ? '' : String(value);
  }
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** Rows as CSV (RFC 4180). */
export function csvText(
  rows: readonly (readonly (string | number | null)[])[]
): string {
  return rows.map(row => `${row.map(cellOf).join(',')}\r\n`).join('');
}

/** Let the browser save a file. */
export function download(name: string, content: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href));
}
