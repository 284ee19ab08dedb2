// Finds elements as a person would: by role, name and text, among what is seen. `arguments[0]` is a list of steps, each
// looking inside what the one before found: {role, name} or {role, holding} or {text} or {css}.
const ROLES = {
  alert: "[role=alert]",
  article: "article,[role=article]",
  button: "button:not([role]),summary,input[type=button],input[type=submit],[role=button]",
  checkbox: "input[type=checkbox]:not([role]),[role=checkbox]",
  combobox: "select:not([role]),[role=combobox]",
  complementary: "aside:not([role]),[role=complementary]",
  dialog: "dialog:not([role]),[role=dialog],[role=alertdialog]",
  grid: "[role=grid]",
  group: "fieldset:not([role]),[role=group]",
  heading: "h1,h2,h3,h4,h5,h6,[role=heading]",
  img: "img:not([role]),[role=img]",
  link: "a[href]:not([role]),[role=link]",
  list: "ul:not([role]),ol:not([role]),[role=list]",
  listitem: "li:not([role]),[role=listitem]",
  log: "[role=log]",
  menuitem: "[role=menuitem],[role=menuitemradio]",
  navigation: "nav:not([role]),[role=navigation]",
  option: "option:not([role]),[role=option]",
  radio: "input[type=radio]:not([role]),[role=radio]",
  region: "section[aria-label]:not([role]),section[aria-labelledby]:not([role]),[role=region]",
  row: "tr:not([role]),[role=row]",
  searchbox: "input[type=search],[role=searchbox]",
  status: "output:not([role]),[role=status]",
  switch: "[role=switch]",
  tab: "[role=tab]",
  tabpanel: "[role=tabpanel]",
  // A field for a password has no role of its own, but a person sees no difference.
  textbox:
    "textarea:not([role]),input:not([type]):not([role]),input[type=text]:not([role]),input[type=password],input[type=number],input[type=url],[role=textbox]",
};

const plain = (text) => (text ?? "").replace(/\s+/g, " ").trim();

const seen = (element) =>
  element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: false }) &&
  element.closest("[inert],[aria-hidden=true]") === null &&
  element.getClientRects().length > 0;

const words = (element) => plain(element.innerText ?? element.textContent);

function name(element) {
  const by = element.getAttribute("aria-labelledby");
  if (by) {
    return plain(by.split(/\s+/).map((id) => document.getElementById(id)?.textContent).join(" "));
  }
  const own = element.getAttribute("aria-label");
  if (own) {
    return plain(own);
  }
  if (element.labels?.length) {
    return plain([...element.labels].map((label) => label.textContent).join(" "));
  }
  if (element.tagName === "FIELDSET") {
    return plain(element.querySelector("legend")?.textContent);
  }
  return plain(element.getAttribute("alt")) || words(element) || plain(element.getAttribute("title")) || plain(element.placeholder);
}

function step(roots, { role, name: called, holding, text, css }) {
  const found = new Set();
  for (const root of roots) {
    for (const element of root.querySelectorAll(role ? ROLES[role] : (css ?? "*"))) {
      found.add(element);
    }
  }
  let matches = [...found];
  if (called !== undefined) {
    matches = matches.filter((element) => name(element) === called);
  }
  if (holding !== undefined) {
    // A picture says what it is called.
    matches = matches.filter((element) => words(element).includes(holding) || name(element).includes(holding));
  }
  if (text !== undefined) {
    // The innermost that holds all of it.
    const holders = new Set(matches.filter((element) => element.textContent && plain(element.textContent).includes(text)));
    matches = [...holders].filter((element) => ![...element.children].some((child) => holders.has(child)));
  }
  return matches.filter(seen);
}

return arguments[0].reduce(step, [document]);
