"""The SQL of the reference stack's databases: migrations as Prisma writes them, and some data."""

from __future__ import annotations

PRISMA_COLUMNS = (
    '"id" VARCHAR(36) PRIMARY KEY NOT NULL',
    '"checksum" VARCHAR(64) NOT NULL',
    '"finished_at" TIMESTAMPTZ',
    '"migration_name" VARCHAR(255) NOT NULL',
    '"logs" TEXT',
    '"rolled_back_at" TIMESTAMPTZ',
    '"started_at" TIMESTAMPTZ NOT NULL DEFAULT now()',
    '"applied_steps_count" INTEGER NOT NULL DEFAULT 0',
)
"""Of the table _prisma_migrations, as Prisma 2.16 and later make it."""

MASTER_MIGRATIONS = (
    (
        "20250110090000_init",
        """-- CreateTable
CREATE TABLE "tenants" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "schema_name" TEXT NOT NULL,
    "created_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenants_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "tenants_schema_name_key" ON "tenants"("schema_name");
""",
    ),
    (
        "20250302143000_plans",
        """-- AlterTable
ALTER TABLE "tenants" ADD COLUMN "plan" TEXT NOT NULL DEFAULT 'trial';
""",
    ),
    (
        "20250918081500_invoices",
        """-- CreateTable
CREATE TABLE "invoices" (
    "id" SERIAL NOT NULL,
    "tenant_id" TEXT NOT NULL,
    "amount" INTEGER NOT NULL,

    CONSTRAINT "invoices_pkey" PRIMARY KEY ("id")
);

-- AddForeignKey
ALTER TABLE "invoices" ADD CONSTRAINT "invoices_tenant_id_fkey" FOREIGN KEY ("tenant_id")
    REFERENCES "tenants"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
""",
    ),
    (
        "20251014103000_orders",
        """-- CreateTable
CREATE TABLE "orders" (
    "id" TEXT NOT NULL,
    "amount" DECIMAL(12,2) NOT NULL,
    "currency" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'pending',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "orders_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "payments" (
    "id" TEXT NOT NULL DEFAULT gen_random_uuid(),
    "order_id" TEXT,
    "gateway" TEXT NOT NULL,
    "reference" TEXT NOT NULL,
    "amount" DECIMAL(12,2) NOT NULL,
    "currency" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "pay_token" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "payments_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "payments_gateway_reference_key" ON "payments"("gateway", "reference");

-- AddForeignKey
ALTER TABLE "payments" ADD CONSTRAINT "payments_order_id_fkey" FOREIGN KEY ("order_id")
    REFERENCES "orders"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
""",
    ),
)
MASTER_DATA = """
INSERT INTO tenants (id, name, schema_name, plan) VALUES
    ('t1', 'Demo', 'tenant_demo', 'trial'),
    ('t2', 'Conakry', 'tenant_conakry', 'pro'),
    ('t3', 'Kankan', 'tenant_kankan', 'pro');
INSERT INTO invoices (tenant_id, amount) SELECT 't2', n FROM generate_series(1, 20) n;
"""

TENANT_MIGRATIONS = (
    (
        "20250110091000_init",
        """-- CreateTable
CREATE TABLE "products" (
    "id" SERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "price" INTEGER NOT NULL,

    CONSTRAINT "products_pkey" PRIMARY KEY ("id")
);
""",
    ),
    (
        "20250611100000_sales",
        """-- CreateTable
CREATE TABLE "sales" (
    "id" SERIAL NOT NULL,
    "product_id" INTEGER NOT NULL,
    "sold_at" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "sales_pkey" PRIMARY KEY ("id")
);
""",
    ),
    (
        "20251120160000_sales_by_day",
        """-- CreateIndex
CREATE INDEX "sales_sold_at_idx" ON "sales"("sold_at");
""",
    ),
)
TENANT_DATA = """
INSERT INTO products (name, price) VALUES ('Riz 25 kg', 310000), ('Huile 5 l', 98000);
INSERT INTO sales (product_id) SELECT 1 FROM generate_series(1, 10);
"""

AUDIT = """
CREATE TABLE stock_movements (id SERIAL PRIMARY KEY, quantity INTEGER NOT NULL, moved_at TIMESTAMPTZ DEFAULT now());
CREATE TABLE users (id SERIAL, name TEXT NOT NULL, changed_at TIMESTAMP(3) DEFAULT (now() AT TIME ZONE 'UTC'));
CREATE TABLE carts (id SERIAL PRIMARY KEY, placed_at TIMESTAMPTZ);
CREATE TABLE audit_log (
    id SERIAL PRIMARY KEY, domain TEXT NOT NULL, actor TEXT, action TEXT NOT NULL, at TIMESTAMPTZ DEFAULT now()
);
INSERT INTO stock_movements (quantity) VALUES (25), (-3);
INSERT INTO users (name) VALUES ('Awa'), ('Mamadou');
INSERT INTO audit_log (domain, actor, action) VALUES
    ('sales', 'awa', 'sold'), ('sales', 'mamadou', 'sold'), ('stocks', 'awa', 'received'), ('users', 'awa', 'invited');
"""
"""Nothing was ever sold over the web: there is nothing to audit of it."""
