/** The text of every mail, for Eta. Nothing is escaped: it is no HTML. */
export const TEXT_LAYOUT = `<%~ it.wrap(it.heading) %>


<% for (const paragraph of it.paragraphs) { %>
<%~ it.wrap(paragraph) %>


<% } %>
<% for (const { name, value } of it.details ?? []) { %>
<%~ name %>: <%~ value %>

<% } %>
<% if (it.details) { %>

<% } %>
<% if (it.action) { %>
<%~ it.action.label %>:
<%~ it.action.url %>


<% } %>
<% for (const note of it.notes ?? []) { %>
<%~ it.wrap(note) %>


<% } %>
-- 
<%~ it.wrap(\`You get this mail because \${it.reason}. It was sent by a program that reads no answers.\`) %>

`;
