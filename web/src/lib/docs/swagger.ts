/** The description of the HTTP interface, drawn by Swagger UI. It is loaded when somebody looks at it, and not before. */
import { sendConfirmed } from '$lib/api/client';

const DOCUMENT = '/api/v1/openapi.json';

/** Draw it; resolves once it can be seen. What is tried out is sent as the person who is signed in. */
export async function drawDescription(node: HTMLElement): Promise<void> {
  const [{ default: SwaggerUI }] = await Promise.all([
    import('swagger-ui-dist/swagger-ui-es-bundle.js'),
    import('swagger-ui-dist/swagger-ui.css'),
  ]);
  await new Promise<void>((resolve) => {
    SwaggerUI({
      domNode: node,
      url: DOCUMENT,
      deepLinking: true,
      displayRequestDuration: true,
      docExpansion: 'none',
      filter: true,
      validatorUrl: null,
      defaultModelsExpandDepth: -1,
      requestInterceptor: (request) => {
        // A key that was entered under "Authorize" goes first.
        if (isOurs(request.url) && !request.headers['Authorization']) {
          request.userFetch = (url, init) => sendConfirmed(new Request(url, init));
        }
        return request;
      },
      onComplete: resolve,
    });
  });
}

export function isOurs(url: string): boolean {
  return new URL(url, location.href).origin === location.origin;
}
