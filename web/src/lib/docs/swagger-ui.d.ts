/** What we use of Swagger UI, which brings no types of its own. */
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  interface SwaggerRequest {
    url: string;
    headers: Record<string, string>;
    userFetch?: (url: string, init: RequestInit) => Promise<Response>;
  }

  interface SwaggerOptions {
    domNode: HTMLElement;
    url: string;
    requestInterceptor: (request: SwaggerRequest) => SwaggerRequest;
    deepLinking?: boolean;
    displayRequestDuration?: boolean;
    docExpansion?: 'list' | 'full' | 'none';
    filter?: boolean;
    persistAuthorization?: boolean;
    validatorUrl?: string | null;
    defaultModelsExpandDepth?: number;
    syntaxHighlight?: { activated: boolean };
    onComplete?: () => void;
  }

  export default function SwaggerUI(options: SwaggerOptions): unknown;
}
