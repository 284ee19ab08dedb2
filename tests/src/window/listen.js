// Writes down what a console would show in red, and every breach of the page's policy. Answers with what was written since
// it was asked last, and with what the page shows now and should not.
if (!window.journeyComplaints) {
  const heard = [];
  window.journeyComplaints = heard;
  const write = (kind, words) => heard.push(`${kind}: ${words}`);
  document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile, lineNumber }) =>
    write("policy", `${effectiveDirective} stopped ${blockedURI} (${sourceFile}:${lineNumber})`),
  );
  window.addEventListener("error", ({ message, filename, lineno }) => write("error", `${message} (${filename}:${lineno})`));
  window.addEventListener("unhandledrejection", ({ reason }) => write("rejection", reason?.stack || JSON.stringify(reason)));
  const loud = console.error;
  console.error = (...words) => {
    write("console", words.map((word) => (typeof word === "string" ? word : word?.stack || JSON.stringify(word))).join(" "));
    loud(...words);
  };
}
// A text that no catalogue has shows its key.
for (const [key] of document.body?.innerText.matchAll(/\b(window|state|error|alert|receipt|paper|timeline)(\.[a-z0-9_]+){2,}/g) ?? []) {
  window.journeyComplaints.push(`text: there is none for ${key}`);
}
return window.journeyComplaints.splice(0);
