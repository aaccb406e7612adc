/** A drawn SVG as a file that needs nothing of this page: styles inside, colours resolved, with title and description. */

const SVG = 'http://www.w3.org/2000/svg';
const PNG_SCALE = 2;
/** Around the picture, in its own units. */
const MARGIN = 12;

export interface PictureFile {
  readonly title: string;
  readonly description: string;
  /** A CSS colour. */
  readonly background: string;
}

/** What children take from their parent: written where it changes. */
const INHERITED = [
  'fill',
  'fill-opacity',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'stroke-opacity',
  'color',
  'font-family',
  'font-size',
  'font-style',
  'font-weight',
  'font-variant-numeric',
  'letter-spacing',
  'text-anchor',
  'paint-order',
  'visibility',
] as const;

/** What they do not, with the value that need not be written. */
const OWN: Readonly<Record<string, string>> = {
  opacity: '1',
  'dominant-baseline': 'auto',
  'vector-effect': 'none',
  'clip-path': 'none',
  transform: 'none',
  'transform-origin': '0px 0px',
  'stop-color': 'rgb(0, 0, 0)',
};

/** Means nothing outside the page, as do values that name its colours. */
const PAGE_ATTRIBUTE = /^(class|style|role|tabindex|data-.*|aria-.*)$/;

/**
 * @param svg  as it stands on the page; parts with `data-export="no"` (pointers, hit areas) and hidden ones are left out
 * @returns the document's text
 */
export function svgText(svg: SVGSVGElement, { title, description, background }: PictureFile): string {
  const { width, height } = sizeOf(svg);
  const copy = svg.cloneNode(true) as SVGSVGElement;
  inlineStyles(svg, copy, null);
  for (const name of copy.getAttributeNames()) if (name !== 'style') copy.removeAttribute(name);
  copy.setAttribute('xmlns', SVG);
  copy.setAttribute('viewBox', `${-MARGIN} ${-MARGIN} ${width + 2 * MARGIN} ${height + 2 * MARGIN}`);
  copy.setAttribute('width', String(width + 2 * MARGIN));
  copy.setAttribute('height', String(height + 2 * MARGIN));
  copy.setAttribute('role', 'img');
  const paper = element('rect', {
    x: -MARGIN,
    y: -MARGIN,
    width: width + 2 * MARGIN,
    height: height + 2 * MARGIN,
    fill: background,
  });
  copy.prepend(textElement('title', title), textElement('desc', description), paper);
  return new XMLSerializer().serializeToString(copy);
}

/** Draws the text of an SVG document at twice its size. */
export async function pngOf(text: string): Promise<Blob> {
  const address = URL.createObjectURL(new Blob([text], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = image.naturalWidth * PNG_SCALE;
    canvas.height = image.naturalHeight * PNG_SCALE;
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('The browser gives no canvas to draw the picture on. Save it as SVG.');
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => {
        if (blob === null) reject(new Error('The picture is too large for a PNG. Save it as SVG.'));
        else resolve(blob);
      }, 'image/png');
    });
  } finally {
    URL.revokeObjectURL(address);
  }
}

function sizeOf(svg: SVGSVGElement): { readonly width: number; readonly height: number } {
  const { width, height } = svg.getBoundingClientRect();
  return { width: Math.ceil(width), height: Math.ceil(height) };
}

function inlineStyles(source: Element, copy: Element, parent: CSSStyleDeclaration | null): void {
  const style = getComputedStyle(source);
  if (style.display === 'none' || source.getAttribute('data-export') === 'no') {
    copy.remove();
    return;
  }
  // Pairs before any is removed: the lists of children are live.
  const pairs = [...source.children].map((child, index) => [child, copy.children[index]] as const);
  for (const [child, childCopy] of pairs) if (childCopy !== undefined) inlineStyles(child, childCopy, style);
  const declarations = declarationsOf(style, parent, copy);
  const isOfThePage = (name: string): boolean =>
    PAGE_ATTRIBUTE.test(name) || copy.getAttribute(name)?.includes('var(') === true;
  for (const name of copy.getAttributeNames().filter(isOfThePage)) copy.removeAttribute(name);
  if (declarations.length > 0) copy.setAttribute('style', declarations.join(';'));
}

function declarationsOf(style: CSSStyleDeclaration, parent: CSSStyleDeclaration | null, copy: Element): string[] {
  const inherited = INHERITED.filter((name) => style.getPropertyValue(name) !== parent?.getPropertyValue(name));
  // The root's own place on the page is no part of the picture. A transform that stands as an attribute is copied with it.
  const own = Object.keys(OWN).filter((name) => {
    const value = style.getPropertyValue(name);
    return parent !== null && value !== '' && value !== OWN[name] && !copy.hasAttribute(name);
  });
  return [...inherited, ...own].map((name) => `${name}:${style.getPropertyValue(name)}`);
}

function textElement(name: string, text: string): Element {
  const made = document.createElementNS(SVG, name);
  made.textContent = text;
  return made;
}

function element(name: string, attributes: Readonly<Record<string, string | number>>): Element {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
