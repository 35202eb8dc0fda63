'use strict';
// Configures Swagger UI: one API at a time, the local key, a search over all that an operation says, a line of curl for each
// operation, and requests that go through this server, because the API takes none from a page of another one.
(async () => {
  const reply = async (path) => (await fetch(path)).json();
  const settings = await reply('/openapi/settings.json');
  const asked = new URLSearchParams(location.search).get('api') ?? location.hash.slice(1);
  const name = settings.names.includes(asked) ? asked : settings.names[0];
  const api = await reply(`/openapi/${name}.json`);

  const link = (href, text, current) => {
    const a = Object.assign(document.createElement('a'), { href, textContent: text });
    if (current) a.setAttribute('aria-current', 'page');
    return a;
  };
  document.querySelector('#apis').append(
    ...settings.names.map((one) => link(`/openapi?api=${one}`, one, one === name)),
    link(`/openapi/${name}.json`, 'document'), link(`/openapi/3.0/${name}.json`, 'in OpenAPI 3.0.3'));

  if (settings.gateway) api.servers = [{ url: settings.gateway, description: 'this stack' }];
  for (const parameter of Object.values(api.components.parameters ?? {})) {
    if (settings.values[parameter.name]) parameter.example = settings.values[parameter.name];
  }

  const found = document.querySelector('#found');
  const search = () => ({
    fn: {
      // Leaves the operations that have all of the words in their path, method, id, tag, summary or description.
      opsFilter: (tagged, phrase) => {
        const words = phrase.toLowerCase().split(/\s+/).filter(Boolean);
        const fits = (tag, one) => {
          const said = ['operationId', 'summary', 'description'].map((key) => one.getIn(['operation', key], ''));
          const text = [tag, one.get('method'), one.get('path'), ...said].join(' ').toLowerCase();
          return words.every((word) => text.includes(word));
        };
        return tagged
          .map((entry, tag) => entry.update('operations', (all) => all.filter((one) => fits(tag, one))))
          .filter((entry) => entry.get('operations').size > 0);
      },
    },
    // The box above stands for it.
    wrapComponents: { FilterContainer: () => () => null },
  });

  const curl = () => ({
    wrapComponents: {
      responses: (Original, { React }) => (props) => {
        const id = api.paths[props.path]?.[props.method]?.operationId;
        const line = settings.curl[name][id];
        const copy = () => navigator.clipboard?.writeText(line);
        const block = line && React.createElement('div', { className: 'outhook-curl' }, 'In bash: ',
          React.createElement('button', { type: 'button', onClick: copy }, 'copy'), React.createElement('pre', null, line));
        return React.createElement(React.Fragment, null, block, React.createElement(Original, props));
      },
    },
  });

  const ui = SwaggerUIBundle({
    spec: api,
    dom_id: '#viewer',
    deepLinking: false,
    docExpansion: 'list',
    defaultModelsExpandDepth: 0,
    filter: true,
    validatorUrl: null,
    tryItOutEnabled: Boolean(settings.gateway),
    supportedSubmitMethods: settings.gateway ? undefined : [],
    // The shown curl command calls the API itself.
    showMutatedRequest: false,
    requestInterceptor: (request) => {
      if (settings.gateway && request.url.startsWith(`${settings.gateway}/`)) {
        request.url = `${location.origin}/openapi/try${request.url.slice(settings.gateway.length)}`;
      }
      return request;
    },
    plugins: [search, curl],
    onComplete: () => {
      if (!settings.key) return;
      const [scheme] = Object.keys(api.security[0]);
      const isHeader = api.components.securitySchemes[scheme].type === 'apiKey';
      ui.preauthorizeApiKey(scheme, isHeader ? `Token ${settings.key}` : settings.key);
    },
  });

  const dark = matchMedia('(prefers-color-scheme: dark)');
  const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches);
  dark.addEventListener('change', paint);
  paint();

  const box = document.querySelector('#search');
  box.addEventListener('input', () => {
    const phrase = box.value.trim();
    ui.layoutActions.updateFilter(phrase || true);
    requestAnimationFrame(() => {
      found.textContent = phrase ? `${document.querySelectorAll('.opblock').length} operations` : '';
    });
  });
})().catch((error) => { document.querySelector('#viewer').textContent = String(error); });
