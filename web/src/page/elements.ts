/** The elements of the page. What is shown is text, whoever wrote it. */

export function element<T extends HTMLElement>(id: string, type: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) {
    throw new Error(`the page has no ${id}`);
  }
  return found;
}

export function row(...cells: string[]): HTMLTableRowElement {
  const made = document.createElement('tr');
  made.append(...cells.map((text) => textElement('td', text)));
  return made;
}

export function textElement(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}
