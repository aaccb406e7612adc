/** Characters that XML cannot hold, written or escaped; lone halves of surrogate pairs among them. */
const NOT_XML = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

/** @type {Readonly<Record<string, string>>} */
const ENTITIES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** For attributes and text of XML. @type {(text: string) => string} */
export function escapeXml(text) {
  return text
    .replaceAll(NOT_XML, '\uFFFD')
    .replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
    .replaceAll(/[\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** For attributes and text of HTML. @type {(text: string) => string} */
export function escapeHtml(text) {
  return text.replaceAll(NOT_XML, '\uFFFD').replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}
