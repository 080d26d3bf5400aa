-- CreateTable
CREATE TABLE "engine_workers" (
    "id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "engine_workers_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "duties" (
    "name" TEXT NOT NULL,
    "holder" UUID NOT NULL,
    "epoch" BIGINT NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "duties_pkey" PRIMARY KEY ("name")
);

-- Who holds what: the free ones, and those of one holder, are found without a look at all instruments.
CREATE INDEX "instrument_leases_holder" ON "instrument_leases" ("holder");

GRANT SELECT, INSERT, UPDATE, DELETE ON engine_workers, duties TO tradegraph_worker;
