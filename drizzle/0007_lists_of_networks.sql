CREATE TABLE "network_import_lines" (
	"import_id" uuid NOT NULL,
	"line" integer NOT NULL,
	"written" text NOT NULL,
	"network" "cidr",
	"reason" text NOT NULL,
	"until" timestamp with time zone,
	"finding" text NOT NULL,
	"detail" text,
	"sessions" integer,
	"outcome" text,
	"ended" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "network_import_lines_import_id_line_pk" PRIMARY KEY("import_id","line")
);
--> statement-breakpoint
CREATE TABLE "network_imports" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"created_by_name" text NOT NULL,
	"end_sessions" boolean NOT NULL
);
--> statement-breakpoint
ALTER TABLE "network_import_lines" ADD CONSTRAINT "network_import_lines_import_id_network_imports_id_fk" FOREIGN KEY ("import_id") REFERENCES "public"."network_imports"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "network_import_lines_finding" ON "network_import_lines" USING btree ("import_id","finding","line");