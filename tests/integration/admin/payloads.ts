/** What people and programs put into names, reasons and messages (S-43). */
export const PAYLOADS: Record<string, string> = {
  html: '<img src=x onerror=alert(1)>',
  script: '</script><script>alert(1)</script>',
  attribute: '" autofocus onfocus="alert(1)',
  'single quotes': "' onmouseover='alert(1)",
  template: '{{7*7}} #{7*7} <%= 7*7 %>',
  svg: '<svg><animate onbegin=alert(1)>',
  'htmx attribute': '<a hx-get="/admin/x" hx-trigger="load">x</a>',
  entity: '&lt;b&gt; &amp;amp; &#x3c;',
  'bidi controls': 'exe\u202Egpj.\u2066x\u2069',
  'zero width': 'a\u200Bd\u200Da\uFEFF',
  combining: `Z${'\u0301'.repeat(50)}algo`,
}
