/**
 * The HTML of every mail, for Eta; what `<%= %>` shows is escaped. Tables and inline styles, because mail
 * programs know little else; nothing is loaded from elsewhere. The style sheet is for those that know
 * dark mode or have a narrow screen.
 */
export const HTML_LAYOUT = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title><%= it.subject %></title>
<style>
:root { color-scheme: light dark; supported-color-schemes: light dark; }
@media (max-width: 640px) {
  .card { padding: 28px 22px !important; }
  .page { padding: 16px 10px !important; }
  .button, .button a { display: block !important; text-align: center !important; }
}
@media (prefers-color-scheme: dark) {
  .page { background-color: #0e1416 !important; }
  .card { background-color: #182124 !important; border-color: #2b383c !important; }
  .ink { color: #e9f0ef !important; }
  .soft { color: #a4b3b3 !important; }
  .line { border-color: #2b383c !important; }
  .mark { color: #5fd3bd !important; }
  .button { background-color: #5fd3bd !important; }
  .button a { color: #0b1b18 !important; }
}
</style>
</head>
<body class="page" style="margin:0; padding:0; background-color:#eef2f1;">
<div style="display:none; max-height:0; overflow:hidden; mso-hide:all;"><%= it.preview %></div>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td class="page" align="center" style="padding:32px 16px; background-color:#eef2f1;">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px; font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif; font-size:16px; line-height:1.55;">
<tr><td class="mark" style="padding:0 4px 16px; font-size:18px; font-weight:700; color:#0c6b5c;">Tradegraph</td></tr>
<tr><td class="card" style="padding:36px 40px; background-color:#ffffff; border:1px solid #dce4e2; border-radius:10px;">
<h1 class="ink" style="margin:0 0 20px; font-size:24px; line-height:1.3; font-weight:700; color:#14211f;"><%= it.heading %></h1>
<% for (const paragraph of it.paragraphs) { %>
<p class="ink" style="margin:0 0 16px; color:#14211f;"><%= paragraph %></p>
<% } %>
<% if (it.details) { %>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="margin:4px 0 16px;">
<% for (const { name, value } of it.details) { %>
<tr>
<td class="soft line" valign="top" width="30%" style="padding:9px 12px 9px 0; border-top:1px solid #dce4e2; font-size:15px; color:#566763;"><%= name %></td>
<td class="ink line" valign="top" style="padding:9px 0; border-top:1px solid #dce4e2; font-size:15px; color:#14211f; word-break:break-word; overflow-wrap:anywhere;"><%= value %></td>
</tr>
<% } %>
</table>
<% } %>
<% if (it.action) { %>
<table role="presentation" cellpadding="0" cellspacing="0" border="0" style="margin:24px 0;">
<tr><td class="button" bgcolor="#0c6b5c" style="border-radius:8px; background-color:#0c6b5c;">
<a href="<%= it.action.url %>" style="display:inline-block; padding:13px 24px; font-size:16px; font-weight:600; color:#ffffff; text-decoration:none;"><%= it.action.label %></a>
</td></tr>
</table>
<p class="soft" style="margin:0 0 16px; font-size:13px; line-height:1.5; color:#566763;">If the button does not work, open this address:<br><a class="mark" href="<%= it.action.url %>" style="color:#0c6b5c; word-break:break-all;"><%= it.action.url %></a></p>
<% } %>
<% for (const note of it.notes ?? []) { %>
<p class="soft" style="margin:0 0 10px; font-size:14px; color:#566763;"><%= note %></p>
<% } %>
</td></tr>
<tr><td class="soft" style="padding:16px 4px 0; font-size:12px; line-height:1.5; color:#566763;">You get this mail because <%= it.reason %>. It was sent by a program that reads no answers.</td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
