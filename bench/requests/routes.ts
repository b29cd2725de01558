import type { FastifyInstance } from 'fastify';

/** What all servers answer: one route with a parameter, and a small JSON body. The handler itself logs nothing. */
export function addRoutes(app: FastifyInstance): void {
  app.get<{ Params: { id: string } }>('/orders/:id', ({ params }) => ({
    id: params.id,
    status: 'placed',
    amount: 59.95,
    currency: 'EUR',
  }));
}
