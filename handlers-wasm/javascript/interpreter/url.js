// URL and URLSearchParams, as the URL standard has them, for hosts in ASCII. Part of the snapshot, like prelude.js.
(function () {
  "use strict";

  const PORTS = { "http:": "80", "https:": "443", "ws:": "80", "wss:": "443", "ftp:": "21", "file:": "" };
  const isSpecial = (protocol) => Object.hasOwn(PORTS, protocol);

  // What is percent-encoded beside control characters and what is not ASCII.
  const IN_FRAGMENT = /[\0-\x1f\x7f-\u{10ffff} "<>`]/gu;
  const IN_QUERY = /[\0-\x1f\x7f-\u{10ffff} "#<>]/gu;
  const IN_SPECIAL_QUERY = /[\0-\x1f\x7f-\u{10ffff} "#<>']/gu;
  const IN_PATH = /[\0-\x1f\x7f-\u{10ffff} "#<>?`{}^]/gu;
  const IN_USER = /[\0-\x1f\x7f-\u{10ffff} "#<>?`{}/:;=@[\\\]^|]/gu;
  const IN_OPAQUE = /[\0-\x1f\x7f-\u{10ffff}]/gu;

  const hex = (code) => "%" + code.toString(16).toUpperCase().padStart(2, "0");

  function encode(text, set) {
    return text.toWellFormed().replace(set, (c) => (c.codePointAt(0) < 0x80 ? hex(c.charCodeAt(0)) : encodeURIComponent(c)));
  }

  function invalid(text) {
    return Object.assign(new TypeError(`Invalid URL: ${text}`), { code: "ERR_INVALID_URL" });
  }

  /** The number of an IPv4 address, or null for another host. */
  function ipv4(host) {
    const parts = host.replace(/\.$/, "").split(".");
    const last = parts[parts.length - 1];
    if (!/^(\d+|0[xX][0-9a-fA-F]*)$/.test(last)) return null;
    const numbers = parts.map((part) => {
      if (/^0[xX][0-9a-fA-F]*$/.test(part)) return part.length === 2 ? 0 : parseInt(part, 16);
      if (/^0[0-7]+$/.test(part)) return parseInt(part, 8);
      return /^(0|[1-9]\d*)$/.test(part) ? Number(part) : NaN;
    });
    const tail = numbers.pop();
    if (parts.length > 4 || numbers.some((n) => !(n <= 255)) || !(tail < 256 ** (4 - numbers.length))) throw invalid(host);
    return numbers.reduce((sum, n, i) => sum + n * 256 ** (3 - i), tail);
  }

  function ipv6(text) {
    const halves = text.split("::");
    const groups = (half) => (half === "" ? [] : half.split(":"));
    let all = groups(halves[0]);
    let rest = halves.length === 2 ? groups(halves[1]) : [];
    const tail = halves.length === 2 ? rest : all;
    if (tail.length > 0 && tail[tail.length - 1].includes(".")) {
      const dotted = tail.pop();
      if (!/^(\d{1,3}\.){3}\d{1,3}$/.test(dotted)) throw invalid(`[${text}]`);
      const number = ipv4(dotted);
      tail.push((number >>> 16).toString(16), (number & 0xffff).toString(16));
    }
    if (halves.length > 2 || (halves.length === 2 ? all.length + rest.length > 7 : all.length !== 8)) throw invalid(`[${text}]`);
    if (halves.length === 2) all = [...all, ...Array(8 - all.length - rest.length).fill("0"), ...rest];
    const pieces = all.map((group) => {
      if (!/^[0-9a-f]{1,4}$/i.test(group)) throw invalid(`[${text}]`);
      return parseInt(group, 16);
    });
    let best = { at: -1, length: 1 };
    for (let at = 0; at < 8; at++) {
      let length = 0;
      while (pieces[at + length] === 0) length++;
      if (length > best.length) best = { at, length };
    }
    const text16 = (from, to) => pieces.slice(from, to).map((n) => n.toString(16)).join(":");
    return best.at < 0 ? `[${text16(0, 8)}]` : `[${text16(0, best.at)}::${text16(best.at + best.length)}]`;
  }

  function parseHost(text, special) {
    if (text.startsWith("[")) {
      if (!text.endsWith("]")) throw invalid(text);
      return ipv6(text.slice(1, -1));
    }
    if (!special) {
      if (/[\0\t\n\r #/:<>?@[\\\]^|]/.test(text)) throw invalid(text);
      return encode(text, IN_OPAQUE);
    }
    let host;
    try {
      host = decodeURIComponent(text).toLowerCase();
    } catch {
      throw invalid(text);
    }
    if (/[^\0-\x7f]/.test(host)) throw invalid(`${text} (write the host in its ASCII form, xn--…)`);
    if (host === "" || /[\0-\x20"#%/:<>?@[\\\]^`{|}\x7f]/.test(host)) throw invalid(text);
    const number = ipv4(host);
    return number === null ? host : [24, 16, 8, 0].map((shift) => (number / 2 ** shift) & 255).join(".");
  }

  function parsePort(text, protocol) {
    if (text === "") return "";
    if (!/^\d+$/.test(text) || Number(text) > 65535) throw invalid(`port ${text}`);
    const port = String(Number(text));
    return port === PORTS[protocol] ? "" : port;
  }

  function normalize(segments, path, special) {
    const parts = (special ? path.replaceAll("\\", "/") : path).split("/");
    parts.forEach((part, i) => {
      const last = i === parts.length - 1;
      const dots = part.replace(/%2e/gi, ".");
      if (dots === "..") {
        segments.pop();
        if (last) segments.push("");
      } else if (dots === ".") {
        if (last) segments.push("");
      } else {
        segments.push(encode(part, IN_PATH));
      }
    });
    return segments;
  }

  function parse(text, base) {
    const input = text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, "").replace(/[\t\n\r]/g, "");
    const url = { protocol: "", username: "", password: "", host: null, port: "", path: [], opaque: null, query: null, fragment: null };
    let rest = input;
    const hash = rest.indexOf("#");
    if (hash >= 0) {
      url.fragment = encode(rest.slice(hash + 1), IN_FRAGMENT);
      rest = rest.slice(0, hash);
    }
    const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(rest);
    let relative = scheme === null;
    if (scheme !== null) {
      url.protocol = scheme[1].toLowerCase() + ":";
      rest = rest.slice(scheme[0].length);
      relative = base !== null && isSpecial(url.protocol) && base.protocol === url.protocol && !/^[/\\]{2}/.test(rest);
    }
    if (relative && (base === null || (base.opaque !== null && rest !== ""))) throw invalid(text);
    if (relative) url.protocol = base.protocol;
    const special = isSpecial(url.protocol);
    const question = rest.indexOf("?");
    if (question >= 0) {
      url.query = encode(rest.slice(question + 1), special ? IN_SPECIAL_QUERY : IN_QUERY);
      rest = rest.slice(0, question);
    }
    if (special) rest = rest.replaceAll("\\", "/");
    const slashes = /^\/*/.exec(rest)[0].length;
    const isFile = url.protocol === "file:";
    if (isFile && slashes < 2 && !relative) {
      url.host = "";
    } else if (slashes >= 2 || (special && !relative)) {
      const from = special && !isFile ? slashes : Math.min(2, slashes);
      const end = rest.indexOf("/", from);
      authority(url, rest.slice(from, end < 0 ? rest.length : end), special);
      rest = end < 0 ? "" : rest.slice(end);
    } else if (relative) {
      Object.assign(url, { username: base.username, password: base.password, host: base.host, port: base.port, opaque: base.opaque });
      if (rest === "") {
        url.path = [...base.path];
        if (question < 0) url.query = base.query;
        return url;
      }
      if (!rest.startsWith("/")) {
        url.path = normalize(base.path.slice(0, -1), rest, special);
        return url;
      }
    } else if (slashes === 0) {
      url.opaque = encode(rest, IN_OPAQUE);
      return url;
    }
    url.path = rest === "" && !special ? [] : normalize([], rest.replace(/^\//, ""), special);
    return url;
  }

  function authority(url, text, special) {
    const at = text.lastIndexOf("@");
    if (at >= 0) {
      const [user, ...password] = text.slice(0, at).split(":");
      url.username = encode(user, IN_USER);
      url.password = encode(password.join(":"), IN_USER);
    }
    const place = text.slice(at + 1);
    const colon = /^(\[[^\]]*\]|[^:]*)(?::(.*))?$/.exec(place);
    if (colon === null) throw invalid(text);
    if (colon[1] === "" && (url.protocol !== "file:" && special)) throw invalid(text);
    url.host = colon[1] === "" ? "" : parseHost(colon[1], special);
    url.port = parsePort(colon[2] ?? "", url.protocol);
  }

  const pathOf = (url) => url.opaque ?? (url.path.length > 0 ? "/" + url.path.join("/") : "");

  function format(url) {
    let text = url.protocol;
    if (url.host !== null) {
      text += "//";
      if (url.username !== "" || url.password !== "") {
        text += url.username + (url.password === "" ? "" : ":" + url.password) + "@";
      }
      text += url.host + (url.port === "" ? "" : ":" + url.port);
    } else if (url.opaque === null && url.path.length > 1 && url.path[0] === "") {
      text += "/.";
    }
    return text + pathOf(url) + (url.query === null ? "" : "?" + url.query) + (url.fragment === null ? "" : "#" + url.fragment);
  }

  const formEncode = (text) =>
    encodeURIComponent(text.toWellFormed()).replace(/[!'()~]|%20/g, (c) => (c === "%20" ? "+" : hex(c.charCodeAt(0))));

  function formDecode(text) {
    const spaced = text.replaceAll("+", " ");
    try {
      return decodeURIComponent(spaced);
    } catch {
      const bytes = [];
      for (const part of spaced.split(/(%[0-9a-fA-F]{2})/)) {
        if (/^%[0-9a-fA-F]{2}$/.test(part)) bytes.push(parseInt(part.slice(1), 16));
        else bytes.push(...new TextEncoder().encode(part));
      }
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new Uint8Array(bytes));
    }
  }

  class URLSearchParams {
    #pairs = [];
    #changed = () => {};
    constructor(init = "") {
      if (typeof init === "object" && init !== null) {
        const pairs = typeof init[Symbol.iterator] === "function" ? init : Object.entries(init);
        for (const pair of pairs) {
          const [name, value, ...more] = pair;
          if (value === undefined || more.length > 0) throw new TypeError("each pair has a name and a value");
          this.#pairs.push([String(name), String(value)]);
        }
      } else {
        this.#read(String(init).replace(/^\?/, ""));
      }
    }
    #read(text) {
      this.#pairs = text.split("&").filter((part) => part !== "").map((part) => {
        const at = part.indexOf("=");
        return at < 0 ? [formDecode(part), ""] : [formDecode(part.slice(0, at)), formDecode(part.slice(at + 1))];
      });
    }
    /** Of a URL, which sets its query when this changes, and changes this with its query. */
    static bind(query, changed) {
      const params = new URLSearchParams();
      params.#read(query);
      params.#changed = changed;
      return [params, (text) => params.#read(text)];
    }
    get size() { return this.#pairs.length; }
    append(name, value) { this.#pairs.push([String(name), String(value)]); this.#changed(this); }
    delete(name, value) {
      this.#pairs = this.#pairs.filter(([n, v]) => n !== String(name) || (value !== undefined && v !== String(value)));
      this.#changed(this);
    }
    get(name) { return this.#pairs.find(([n]) => n === String(name))?.[1] ?? null; }
    getAll(name) { return this.#pairs.filter(([n]) => n === String(name)).map(([, v]) => v); }
    has(name, value) { return this.#pairs.some(([n, v]) => n === String(name) && (value === undefined || v === String(value))); }
    set(name, value) {
      const first = this.#pairs.findIndex(([n]) => n === String(name));
      if (first < 0) return this.append(name, value);
      this.#pairs[first] = [String(name), String(value)];
      this.#pairs = this.#pairs.filter(([n], i) => i <= first || n !== String(name));
      this.#changed(this);
    }
    sort() { this.#pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)); this.#changed(this); }
    forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this); }
    *entries() { for (let i = 0; i < this.#pairs.length; i++) yield [...this.#pairs[i]]; }
    *keys() { for (const [name] of this) yield name; }
    *values() { for (const [, value] of this) yield value; }
    [Symbol.iterator]() { return this.entries(); }
    toString() { return this.#pairs.map(([name, value]) => formEncode(name) + "=" + formEncode(value)).join("&"); }
  }
  const { bind } = URLSearchParams;
  delete URLSearchParams.bind;

  class URL {
    #url;
    #params;
    #reread;
    constructor(url, base) {
      this.#url = parse(String(url), base === undefined ? null : parse(String(base), null));
    }
    static canParse(url, base) { return URL.parse(url, base) !== null; }
    static parse(url, base) {
      try {
        return new URL(url, base);
      } catch {
        return null;
      }
    }
    #changedQuery() { this.#reread?.(this.#url.query ?? ""); }
    get href() { return format(this.#url); }
    set href(text) { this.#url = parse(String(text), null); this.#changedQuery(); }
    get origin() {
      const { protocol, host } = this.#url;
      return isSpecial(protocol) && protocol !== "file:" ? `${protocol}//${this.host}` : "null";
    }
    get protocol() { return this.#url.protocol; }
    set protocol(text) {
      const scheme = /^([a-zA-Z][a-zA-Z0-9+.-]*):?/.exec(String(text));
      if (scheme === null) return;
      const protocol = scheme[1].toLowerCase() + ":";
      if (isSpecial(protocol) !== isSpecial(this.#url.protocol)) return;
      this.#url.protocol = protocol;
      if (this.#url.port === PORTS[protocol]) this.#url.port = "";
    }
    get username() { return this.#url.username; }
    set username(text) { if (this.#url.host) this.#url.username = encode(String(text), IN_USER); }
    get password() { return this.#url.password; }
    set password(text) { if (this.#url.host) this.#url.password = encode(String(text), IN_USER); }
    get hostname() { return this.#url.host ?? ""; }
    set hostname(text) {
      if (this.#url.opaque === null) this.#try(() => { this.#url.host = parseHost(String(text), isSpecial(this.#url.protocol)); });
    }
    get host() { return this.hostname + (this.#url.port === "" ? "" : ":" + this.#url.port); }
    set host(text) {
      const parts = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(String(text));
      if (parts === null || this.#url.opaque !== null) return;
      this.#try(() => {
        this.#url.host = parseHost(parts[1], isSpecial(this.#url.protocol));
        if (parts[2]) this.#url.port = parsePort(parts[2], this.#url.protocol);
      });
    }
    get port() { return this.#url.port; }
    set port(text) { if (this.#url.host) this.#try(() => { this.#url.port = parsePort(String(text), this.#url.protocol); }); }
    get pathname() { return pathOf(this.#url); }
    set pathname(text) {
      if (this.#url.opaque === null) this.#url.path = normalize([], String(text).replace(/^[/\\]/, ""), isSpecial(this.#url.protocol));
    }
    get search() { return this.#url.query ? "?" + this.#url.query : ""; }
    set search(text) {
      const query = String(text).replace(/^\?/, "");
      this.#url.query = query === "" ? null : encode(query, isSpecial(this.#url.protocol) ? IN_SPECIAL_QUERY : IN_QUERY);
      this.#changedQuery();
    }
    get hash() { return this.#url.fragment ? "#" + this.#url.fragment : ""; }
    set hash(text) {
      const fragment = String(text).replace(/^#/, "");
      this.#url.fragment = fragment === "" ? null : encode(fragment, IN_FRAGMENT);
    }
    get searchParams() {
      if (this.#params === undefined) {
        [this.#params, this.#reread] = bind(this.#url.query ?? "", (params) => { this.#url.query = String(params) || null; });
      }
      return this.#params;
    }
    /** As the standard has it, a setter leaves the URL as it is if the text is invalid. */
    #try(change) {
      const before = { ...this.#url };
      try {
        change();
      } catch {
        this.#url = before;
      }
    }
    toString() { return this.href; }
    toJSON() { return this.href; }
  }

  for (const type of [URL, URLSearchParams]) {
    Object.defineProperty(globalThis, type.name, { value: type, writable: true, configurable: true, enumerable: false });
  }
})
